// Pushes ready tasks, in batches, to the Worker that consumes a queue. It rides on the turns of its queue's object: no poll,
// no object of its own, nothing awake while the queue is empty. What a batch is and who is called it does not know.

import type { ClaimedTask } from "../core/task.ts";
import type { Ready } from "../queue/ready/count-ready.ts";

/** How long a push holds its claims beyond the last sign of life: what a crash of the object costs its tasks. ms. */
export const PUSH_CLAIM_MS = 60_000;
/** How long a handler may run: the wall time that Cloudflare gives a queue handler. ms. */
export const PUSH_LIMIT_MS = 15 * 60_000;

export interface PushRules {
  readonly maxBatchSize: number;
  readonly maxBatchTimeoutMs: number;
  readonly maxConcurrency: number;
}

/** What pushing needs from its object. `ready`, `nextVisibleAt` and `claim` run inside a turn, the others between turns. */
export interface PushPort {
  /** Counts at most `limit` tasks; none while the queue is paused or absent. */
  ready(limit: number, now: number): Ready;
  /** When the next delayed task becomes visible; null: none is waiting, or nothing is offered. */
  nextVisibleAt(now: number): number | null;
  /** Fewer than asked for, or none, when the queue has reached a limit. */
  claim(max: number, now: number): ClaimedTask[];
  /** Calls the consumer; fulfilled with the turn that does as it says. Rejected: it could not be called, or broke off. */
  deliver(tasks: readonly ClaimedTask[]): Promise<() => void>;
  /** The turn that gives the tasks back. */
  failed(tasks: readonly ClaimedTask[], error: unknown): () => void;
  extend(tasks: readonly ClaimedTask[]): void;
  /** Runs in the next turn, after which `turn` is called. */
  submit(apply: () => void): Promise<void>;
  /** Work that outlives the turn. */
  background(work: Promise<void>): void;
}

export class Pusher {
  /** When `turn` should be called though nothing else happens; null: never, as things stand. */
  nextAt: number | null = null;
  readonly #rules: PushRules;
  readonly #port: PushPort;
  #underWay = 0;

  constructor(rules: PushRules, port: PushPort) {
    this.#rules = rules;
    this.#port = port;
  }

  /** At the end of every turn: starts the batches that are due. */
  turn(now: number): void {
    const { maxBatchSize, maxConcurrency } = this.#rules;
    this.nextAt = null;
    while (this.#underWay < maxConcurrency) {
      const dueAt = this.#dueAt(now);
      if (dueAt === null || dueAt > now) {
        this.nextAt = dueAt;
        return;
      }
      const tasks = this.#port.claim(maxBatchSize, now);
      // Due, and yet nothing to be had: a limit of the queue's. The end of any claim is a turn, so none is waited for.
      if (tasks.length === 0) return;
      this.#underWay += 1;
      this.#port.background(this.#push(tasks));
    }
  }

  /** A batch is due when it is full, or when its oldest task has waited long enough. */
  #dueAt(now: number): number | null {
    const { maxBatchSize, maxBatchTimeoutMs } = this.#rules;
    const { count, oldestAt } = this.#port.ready(maxBatchSize, now);
    if (oldestAt === null) return this.#port.nextVisibleAt(now);
    return count >= maxBatchSize ? now : oldestAt + maxBatchTimeoutMs;
  }

  async #push(tasks: readonly ClaimedTask[]): Promise<void> {
    const extending = setInterval(() => {
      void this.#port.submit(() => this.#port.extend(tasks));
    }, PUSH_CLAIM_MS / 2);
    const settle = await within(PUSH_LIMIT_MS, this.#port.deliver(tasks)).catch((error: unknown) =>
      this.#port.failed(tasks, error),
    );
    clearInterval(extending);
    await this.#port.submit(() => {
      this.#underWay -= 1;
      settle();
    });
  }
}

async function within<Value>(limitMs: number, work: Promise<Value>): Promise<Value> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`the handler ran for more than ${limitMs} ms`)), limitMs);
  return Promise.race([work, promise]).finally(() => clearTimeout(timer));
}
