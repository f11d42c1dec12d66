// Pushes ready tasks, in batches, to the Worker that consumes a queue. It rides on the turns of its queue's object: no poll,
// no object of its own, nothing awake while the queue is empty. What a batch is and who is called it does not know.

import type { ClaimedTask } from "../core/task.ts";
import type { BacklogMetrics } from "../push/backlog-metrics.ts";
import type { LATER, Ready, Turn } from "../queue/queue.ts";

/** How long a push holds its claims beyond the last sign of life: what a crash of the object costs its tasks. ms. */
export const PUSH_CLAIM_MS = 60_000;
/** How long a handler may run: the wall time that Cloudflare gives a queue handler. ms. */
export const PUSH_LIMIT_MS = 15 * 60_000;

/** Between tries to record what became of a batch: a little less than PUSH_CLAIM_MS / 2 in all. ms. */
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 8_000;

export interface PushRules {
  readonly maxBatchSize: number;
  readonly maxBatchTimeoutMs: number;
  readonly maxConcurrency: number;
}

/** A part of a turn: what it does to the queue. `LATER`: it goes on in the next. */
export type InTurn = (turn: Turn) => typeof LATER | void;

/** What pushing needs from its queue and its object. */
export interface PushPort {
  /** Counts at most `limit` tasks; none while the queue is paused or absent. */
  ready(turn: Turn, limit: number): Ready;
  /** Whether one batch more may be held while its consumer works, beside so many bytes that were claimed just now. */
  hasRoomBeside(bytes: number): boolean;
  /** A batch is held from now on, until it is released. */
  hold(bytes: number): void;
  release(bytes: number): void;
  /** When the next delayed task becomes visible; null: none is waiting, or nothing is offered. */
  nextVisibleAt(turn: Turn): number | null;
  /** Fewer than asked for, or none, when the queue has reached a limit. */
  claim(turn: Turn, max: number): PushedTasks;
  /** Calls the consumer; fulfilled with what it says is to be done. Rejected: it could not be called, or broke off. */
  deliver(pushed: PushedTasks): Promise<InTurn>;
  /** Gives the tasks back. */
  failed(pushed: PushedTasks, error: unknown): InTurn;
  extend(pushed: PushedTasks): InTurn;
  /** Runs in the next turn, at whose end `Pusher.turn` is called. */
  submit(apply: InTurn): Promise<void>;
  /** Work that outlives the turn. */
  background(work: Promise<void>): void;
}

export interface PushedTasks {
  readonly tasks: readonly ClaimedTask[];
  /** Counts of the queue when they were claimed. */
  readonly metrics: BacklogMetrics;
  /** Of their payloads. */
  readonly bytes: number;
}

export class Pusher {
  /** When `turn` should be called though nothing else happens; null: never, as things stand. */
  nextAt: number | null = null;
  readonly #rules: PushRules;
  readonly #port: PushPort;
  #underWay = 0;
  #claimedNow = 0;
  #claimedBytes = 0;

  constructor(rules: PushRules, port: PushPort) {
    this.#rules = rules;
    this.#port = port;
  }

  /** At the end of every turn: starts the batches that are due. */
  turn(turn: Turn): void {
    const { now } = turn;
    const { maxBatchSize, maxConcurrency } = this.#rules;
    this.nextAt = null;
    // Of a turn that failed, if it is not 0.
    this.#claimedNow = 0;
    this.#claimedBytes = 0;
    while (this.#underWay + this.#claimedNow < maxConcurrency && this.#port.hasRoomBeside(this.#claimedBytes)) {
      // Each batch may have met a thousand tasks that are over.
      if (this.#claimedNow > 0 && turn.isDone) {
        turn.afterCommit(() => this.#port.background(this.#port.submit(() => {})));
        return;
      }
      const dueAt = this.#dueAt(turn);
      if (dueAt === null || dueAt > now) {
        this.nextAt = dueAt;
        return;
      }
      const pushed = this.#port.claim(turn, maxBatchSize);
      // Due, and yet nothing to be had: a limit of the queue's. The end of any claim is a turn, so none is waited for.
      if (pushed.tasks.length === 0) return;
      this.#claimedNow += 1;
      this.#claimedBytes += pushed.bytes;
      // Not before the claim is in a commit: a consumer must not work on what nobody recorded.
      turn.afterCommit(() => {
        this.#claimedNow = 0;
        this.#claimedBytes = 0;
        this.#underWay += 1;
        this.#port.hold(pushed.bytes);
        this.#port.background(this.#push(pushed));
      });
    }
  }

  /** A batch is due when it is full, or when its oldest task has waited long enough. */
  #dueAt(turn: Turn): number | null {
    const { maxBatchSize, maxBatchTimeoutMs } = this.#rules;
    const { count, oldestAt } = this.#port.ready(turn, maxBatchSize);
    if (oldestAt === null) return this.#port.nextVisibleAt(turn);
    return count >= maxBatchSize ? turn.now : oldestAt + maxBatchTimeoutMs;
  }

  async #push(pushed: PushedTasks): Promise<void> {
    const extending = setInterval(() => {
      void this.#port.submit(this.#port.extend(pushed));
    }, PUSH_CLAIM_MS / 2);
    const settle = await within(PUSH_LIMIT_MS, this.#port.deliver(pushed)).catch((error: unknown) =>
      this.#port.failed(pushed, error),
    );
    clearInterval(extending);
    // Before the turn, at whose end the next batch is looked for.
    this.#underWay -= 1;
    this.#port.release(pushed.bytes);
    await this.#settle(settle);
  }

  /** Where a turn fails, on a full disk say, it is tried again for as long as the claims last for certain. */
  async #settle(settle: InTurn): Promise<void> {
    for (let waitMs = FIRST_WAIT_MS; ; waitMs *= 2) {
      try {
        return await this.#port.submit(settle);
      } catch (error) {
        if (waitMs > LONGEST_WAIT_MS) throw error;
        await new Promise<void>((resolve) => setTimeout(resolve, waitMs));
      }
    }
  }
}

async function within<Value>(limitMs: number, work: Promise<Value>): Promise<Value> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`the handler ran for more than ${limitMs} ms`)), limitMs);
  return Promise.race([work, promise]).finally(() => clearTimeout(timer));
}
