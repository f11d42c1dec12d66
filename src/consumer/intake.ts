// The loop that takes tasks in: as many as there is room for, again and again, with growing waits while the server does
// not answer. It survives the server.

import type { Timers } from "./timers.ts";
import { LONGEST_WAIT_MS } from "../client/caller.ts";
import { EdgeqError, ForeignAnswerError } from "../client/edgeq-error.ts";
import { ProblemError } from "../client/problem-error.ts";
import type { ClaimedTask } from "../client/task.ts";
import { Bell } from "./bell.ts";
import type { TaskSource } from "./task-source.ts";

export interface IntakeRoom {
  /** How many tasks may be taken now; with 0, when to ask again; null: when rung for. */
  room(): { readonly tasks: number; readonly againAt: number | null };
  taken(tasks: readonly ClaimedTask[]): void;
  disconnected(error: unknown, retryInMs: number): void;
  /** The server answered that it gives no tasks for now. */
  refused(error: ProblemError, retryInMs: number): void;
  reconnected(downMs: number): void;
}

/**
 * A poll younger than this may be about to be answered with tasks, which would come back only at their deadline if nobody
 * read the answer; an older one waits on the server, which gives nothing to a client that has gone.
 */
const ANSWER_MS = 300;

/** Waits while the server is away. The first is at least this long, ... */
const SHORTEST_WAIT_MS = 200;
/** ... none of the consumer's own is longer than this, and none that a server asks for longer than LONGEST_WAIT_MS. */
const LONGEST_OWN_WAIT_MS = 10_000;

export class Intake<Payload> {
  readonly #source: TaskSource<Payload>;
  readonly #host: IntakeRoom;
  readonly #clock: Timers;
  readonly #bell: Bell;
  readonly #stop = new AbortController();
  #taking: { readonly controller: AbortController; readonly since: number } | null = null;
  #downSince: number | null = null;
  #hasAnswered = false;

  constructor(source: TaskSource<Payload>, host: IntakeRoom, clock: Timers) {
    this.#source = source;
    this.#host = host;
    this.#clock = clock;
    this.#bell = new Bell(clock);
  }

  /** There may be room. */
  ring(): void {
    this.#bell.ring();
  }

  /** A poll that is out is called back, because there is no room any more; the loop goes on. */
  recall(): void {
    this.#source.rest();
    void this.#callBack();
  }

  stop(): void {
    this.#stop.abort(new Error("stopped"));
    this.recall();
    this.#bell.ring();
  }

  async #callBack(): Promise<void> {
    const taking = this.#taking;
    if (taking === null) return;
    const age = this.#clock.now() - taking.since;
    if (age < ANSWER_MS) await this.#clock.sleep(ANSWER_MS - age);
    // Of another poll this is none of its business.
    if (this.#taking === taking) taking.controller.abort(new Error("no room"));
  }

  /** Until `stop`. Rejects with an error that waiting does not mend: a wrong token, a refused option. */
  async run(): Promise<void> {
    let failures = 0;
    while (!this.#stop.signal.aborted) {
      const { tasks: room, againAt } = this.#host.room();
      if (room <= 0) {
        await this.#bell.wait(againAt);
        continue;
      }
      const { signal } = this.#begin();
      try {
        const tasks = await this.#source.take(room, signal);
        failures = 0;
        this.#connected();
        this.#host.taken(tasks);
      } catch (error) {
        if (signal.aborted) continue;
        if (!this.#canPass(error)) throw error;
        failures += 1;
        await this.#pause(error, failures);
      } finally {
        this.#taking = null;
      }
    }
  }

  #begin(): AbortController {
    const controller = new AbortController();
    this.#taking = { controller, since: this.#clock.now() };
    return controller;
  }

  /** The server is there, whatever it says. */
  #connected(): void {
    this.#hasAnswered = true;
    if (this.#downSince === null) return;
    this.#host.reconnected(Math.round(this.#clock.now() - this.#downSince));
    this.#downSince = null;
  }

  async #pause(error: unknown, failures: number): Promise<void> {
    const isRefusal = error instanceof ProblemError;
    const delayMs = waitMs(failures, isRefusal ? error.retryAfterMs : null, this.#clock.random());
    if (isRefusal) {
      this.#connected();
      this.#host.refused(error, delayMs);
    } else {
      this.#downSince ??= this.#clock.now();
      this.#host.disconnected(error, delayMs);
    }
    try {
      await this.#clock.sleep(delayMs, this.#stop.signal);
    } catch {
      // Stopped: the loop sees it.
    }
  }

  /** What answers in the place of a server that was there before is an outage; from the start, it is a wrong URL. */
  #canPass(error: unknown): boolean {
    if (error instanceof ForeignAnswerError) return this.#hasAnswered;
    return error instanceof EdgeqError && error.retryable;
  }
}

/**
 * Anything from the shortest wait to a bound that doubles with each failure, and never less than the server asks.
 *
 * @param random a number in [0, 1), so that consumers do not come back together
 */
function waitMs(failures: number, askedMs: number | null, random: number): number {
  const bound = Math.min(LONGEST_OWN_WAIT_MS, SHORTEST_WAIT_MS * 2 ** Math.min(failures, 30));
  const own = SHORTEST_WAIT_MS + (bound - SHORTEST_WAIT_MS) * random;
  return Math.round(Math.max(own, Math.min(askedMs ?? 0, LONGEST_WAIT_MS)));
}
