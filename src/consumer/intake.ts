// The loop that takes tasks in: as many as there is room for, again and again, with growing waits while the server does
// not answer. It survives the server.

import type { Clock } from "../client/clock.ts";
import { EdgeqError } from "../client/edgeq-error.ts";
import { ProblemError } from "../client/problem-error.ts";
import { retryDelayMs, type RetryPolicy } from "../client/retry-policy.ts";
import type { ClaimedTask } from "../client/task.ts";
import { Bell } from "./bell.ts";
import type { TaskSource } from "./task-source.ts";

export interface IntakeRoom {
  /** How many tasks may be taken now; with 0, when to ask again; null: when rung for. */
  room(): { readonly tasks: number; readonly held: number; readonly againAt: number | null };
  taken(tasks: readonly ClaimedTask[]): void;
  disconnected(error: unknown, retryInMs: number): void;
  reconnected(downMs: number): void;
}

/**
 * A poll younger than this may be about to be answered with tasks, which would come back only at their deadline if nobody
 * read the answer; an older one waits on the server, which gives nothing to a client that has gone.
 */
const ANSWER_MS = 300;

const RECONNECT: RetryPolicy = { attempts: Number.POSITIVE_INFINITY, minMs: 200, maxMs: 10_000 };

export class Intake<Payload> {
  readonly #source: TaskSource<Payload>;
  readonly #host: IntakeRoom;
  readonly #clock: Clock;
  readonly #bell: Bell;
  readonly #stop = new AbortController();
  #taking: { readonly controller: AbortController; readonly since: number } | null = null;
  #downSince: number | null = null;

  constructor(source: TaskSource<Payload>, host: IntakeRoom, clock: Clock) {
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
      const { tasks: room, held, againAt } = this.#host.room();
      if (room <= 0) {
        await this.#bell.wait(againAt);
        continue;
      }
      const { signal } = this.#begin();
      try {
        const tasks = await this.#source.take(room, held, signal);
        failures = 0;
        this.#connected();
        this.#host.taken(tasks);
      } catch (error) {
        if (signal.aborted) continue;
        if (!canPass(error)) throw error;
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

  #connected(): void {
    if (this.#downSince === null) return;
    this.#host.reconnected(this.#clock.now() - this.#downSince);
    this.#downSince = null;
  }

  async #pause(error: unknown, failures: number): Promise<void> {
    this.#downSince ??= this.#clock.now();
    const retryAfterMs = error instanceof ProblemError ? error.retryAfterMs : null;
    const delayMs = retryDelayMs(RECONNECT, failures, retryAfterMs, this.#clock.random());
    this.#host.disconnected(error, delayMs);
    try {
      await this.#clock.sleep(delayMs, this.#stop.signal);
    } catch {
      // Stopped: the loop sees it.
    }
  }
}

function canPass(error: unknown): boolean {
  return error instanceof EdgeqError && error.retryable;
}
