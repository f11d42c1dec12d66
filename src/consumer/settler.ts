// Tells the server what became of tasks: what comes together is sent together, and what gets no answer is sent again for as
// long as its claim lasts.

import type { Clock } from "../client/clock.ts";
import { EdgeqError, UnreachableError } from "../client/edgeq-error.ts";
import { retryDelayMs, type RetryPolicy } from "../client/retry-policy.ts";
import type { HeldTask } from "./held-task.ts";
import { attemptMs, MAX_ITEMS, type Control, type Settled } from "./task-source.ts";

/** `done`: the server has taken it. `lost`: the claim was not held any more, or the server could not be reached in time. */
export type Settlement = "done" | "lost";

type Refused = Extract<Settled, { readonly ok: false }>;

interface Waiting<Item> {
  readonly item: Item;
  readonly held: HeldTask<unknown>;
  readonly answer: (settlement: Settlement) => void;
  /** It was sent before, and no answer came. */
  isRepeat: boolean;
}

const PACE: RetryPolicy = { attempts: Number.POSITIVE_INFINITY, minMs: 100, maxMs: 2_000 };

/** One for acks, one for nacks: each has one request on its way at a time, and what comes meanwhile goes with the next. */
export class Settler<Item> {
  readonly #send: (items: readonly Item[], control: Control) => Promise<Settled[]>;
  readonly #isDone: (code: Refused["code"], isRepeat: boolean) => boolean;
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  #waiting: Waiting<Item>[] = [];
  #isSending = false;

  /**
   * @param isDone whether a refusal before the claim's deadline, when nobody else can have ended that claim (P3), says that it was done
   *   before. `isRepeat`: by an earlier sending, perhaps
   * @param signal aborted: nothing is sent any more, and all that waits is lost
   */
  constructor(
    send: (items: readonly Item[], control: Control) => Promise<Settled[]>,
    isDone: (code: Refused["code"], isRepeat: boolean) => boolean,
    clock: Clock,
    signal: AbortSignal,
  ) {
    this.#send = send;
    this.#isDone = isDone;
    this.#clock = clock;
    this.#signal = signal;
  }

  settle(held: HeldTask<unknown>, item: Item): Promise<Settlement> {
    return new Promise((answer) => {
      this.#waiting.push({ item, held, answer, isRepeat: false });
      if (!this.#isSending) void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#isSending = true;
    // What settles in the same turn goes along.
    await Promise.resolve();
    let failures = 0;
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.slice(0, MAX_ITEMS);
      this.#waiting = this.#waiting.slice(MAX_ITEMS);
      failures = (await this.#attempt(batch)) ? 0 : failures + 1;
      if (failures === 0) continue;
      try {
        await this.#clock.sleep(retryDelayMs(PACE, failures, 0, this.#clock.random()), this.#signal);
      } catch {
        this.#loseAll(this.#waiting.splice(0));
      }
    }
    this.#isSending = false;
  }

  /** False: to be tried again, and put back. */
  async #attempt(batch: readonly Waiting<Item>[]): Promise<boolean> {
    const now = this.#clock.now();
    const inTime = batch.filter(({ held }) => held.deadlineAt > now);
    this.#loseAll(batch.filter(({ held }) => held.deadlineAt <= now));
    if (inTime.length === 0) return true;
    const timeoutMs = attemptMs(Math.max(...inTime.map(({ held }) => held.deadlineAt)) - now);
    try {
      const results = await this.#send(
        inTime.map(({ item }) => item),
        { signal: this.#signal, timeoutMs },
      );
      for (const [index, waiting] of inTime.entries()) waiting.answer(this.#judged(waiting, results[index]));
      return true;
    } catch (error) {
      return this.#failed(inTime, error);
    }
  }

  async #failed(batch: readonly Waiting<Item>[], error: unknown): Promise<boolean> {
    if (!this.#signal.aborted && error instanceof EdgeqError && error.retryable) {
      const isUnanswered = error instanceof UnreachableError || /^(internal|storage-full)$/.test(error.code);
      for (const waiting of batch) waiting.isRepeat ||= isUnanswered;
      this.#waiting.unshift(...batch);
      return false;
    }
    if (this.#signal.aborted || batch.length === 1) {
      this.#loseAll(batch);
      return true;
    }
    // Refused for good: the fault of one, perhaps, so that each is tried without the others.
    let isSettled = true;
    for (const waiting of batch) isSettled = (await this.#attempt([waiting])) && isSettled;
    return isSettled;
  }

  #judged({ isRepeat, held }: Waiting<Item>, result: Settled | undefined): Settlement {
    if (result === undefined || result.ok) return result === undefined ? "lost" : "done";
    return this.#isDone(result.code, isRepeat) && held.deadlineAt > this.#clock.now() ? "done" : "lost";
  }

  #loseAll(batch: readonly Waiting<Item>[]): void {
    for (const { answer } of batch) answer("lost");
  }
}
