// Log lines of a consumer whose events have no listener: failures, lost claims, a server that is away or holds tasks back, and an open
// circuit, each in one line. A thousand alike are one line and a number, so that a log survives an outage.

import type { Clock } from "../client/clock.ts";
import { messageOf } from "../client/edgeq-error.ts";
import type { ConsumerEvents } from "./consumer-events.ts";

/** Where a consumer writes; `console` is one. */
export interface ConsumerLogger {
  warn(message: string, ...details: unknown[]): void;
  error(message: string, ...details: unknown[]): void;
}

/** Lines of one kind are at least so far apart; those between are counted. ms */
const EVERY_MS = 30_000;

export class Reports {
  readonly #queue: string;
  readonly #logger: ConsumerLogger | null;
  readonly #clock: Clock;
  readonly #kinds = new Map<string, { loggedAt: number; leftOut: number }>();
  #isDown = false;
  #refusal: string | null = null;

  /** @param logger null: nothing is logged */
  constructor(queue: string, logger: ConsumerLogger | null, clock: Clock) {
    this.#queue = queue;
    this.#logger = logger;
    this.#clock = clock;
  }

  /** @param isHeard the event has a listener, which reports it; the state that follows from it is noted all the same */
  event<Name extends keyof ConsumerEvents>(name: Name, event: ConsumerEvents[Name], isHeard: boolean): void {
    const line = this.#lineOf({ name, event } as Happening);
    if (line === null || isHeard) return;
    const { kind, text, details = [] } = line;
    this.#say(kind, text, details);
  }

  /** A function of the user's own that threw. */
  bug(what: string, error: unknown): void {
    this.#say(what, `${what} threw, which changes nothing for the tasks:`, [error], "error");
  }

  /** null: nothing worth a line. */
  #lineOf({ name, event }: Happening): { kind: string; text: string; details?: readonly unknown[] } | null {
    switch (name) {
      case "failed": {
        const { task, error, dead } = event;
        const verb = dead ? "is dead" : "failed";
        return { kind: name, text: `task ${task.id} ${verb} at attempt ${task.attempts}:`, details: [error] };
      }
      case "lost":
        return { kind: name, text: `task ${event.task.id}: its claim was lost, ${LOST[event.during]}` };
      case "disconnected": {
        if (this.#isDown) return null;
        this.#isDown = true;
        // In one line: where in the client it was noticed helps nobody.
        return {
          kind: name,
          text: `the server cannot be reached; asking again until it can: ${messageOf(event.error)}`,
        };
      }
      case "reconnected": {
        this.#isDown = false;
        return { kind: name, text: `the server is back after ${event.downMs} ms` };
      }
      case "refused": {
        const reason = event.error.message;
        if (this.#refusal === reason) return null;
        this.#refusal = reason;
        return { kind: name, text: `the server gives no tasks for now; asking again: ${reason}` };
      }
      case "claimed": {
        this.#refusal = null;
        return null;
      }
      case "circuit":
        if (event.state !== "open") return null;
        return { kind: name, text: `handlers keep failing; no tasks are taken for ${event.pauseMs} ms` };
      case "started":
      case "acked":
      case "snoozed":
      case "released":
      case "extended":
      case "stopping":
      case "stopped":
        return null;
      default:
        return name satisfies never;
    }
  }

  #say(kind: string, text: string, details: readonly unknown[], level: "warn" | "error" = "warn"): void {
    const now = this.#clock.now();
    const logged = this.#kinds.get(kind);
    if (logged !== undefined && now - logged.loggedAt < EVERY_MS) {
      logged.leftOut += 1;
      return;
    }
    const leftOut = logged?.leftOut ?? 0;
    this.#kinds.set(kind, { loggedAt: now, leftOut: 0 });
    const more = leftOut === 0 ? "" : ` (and ${leftOut} more like it since the last)`;
    this.#logger?.[level](`edgeq consumer of ${this.#queue}: ${text}${more}`, ...details);
  }
}

/** Any event beside its name. */
type Happening = {
  [Name in keyof ConsumerEvents]: { readonly name: Name; readonly event: ConsumerEvents[Name] };
}[keyof ConsumerEvents];

const LOST = {
  handler: "so others may have the task; the handler's signal was aborted",
  ack: "so its work may be done again",
  nack: "so its failure was not recorded",
} as const;
