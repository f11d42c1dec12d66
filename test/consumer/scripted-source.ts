// A source of tasks that a test fills and breaks by hand, and that keeps claims as the server does.

import type { ClaimedTask } from "../../src/client/task.ts";
import { UnreachableError } from "../../src/client/edgeq-error.ts";
import type { Control, NackedTask, Settled, TaskSource } from "../../src/consumer/task-source.ts";
import type { ManualClock } from "../node/manual-clock.ts";

export type Call = "take" | "ack" | "nack" | "extend";

export class ScriptedSource implements TaskSource<string> {
  readonly acked: string[] = [];
  readonly nacked: {
    payload: string;
    delayMs?: number;
    error?: string;
    release?: boolean;
    snooze?: boolean;
    limitKey?: boolean;
    dead?: boolean;
  }[] = [];
  /** Payloads of each extend call. */
  readonly extended: string[][] = [];
  /** `max` of each take. */
  readonly takes: number[] = [];
  nackCalls = 0;
  /** Taken, and not let go. */
  readonly held = new Set<string>();
  readonly #clock: ManualClock;
  readonly #claimTimeoutMs: number;
  readonly #deadlines = new Map<string, number>();
  #ready: string[] = [];
  #waiting: (() => void) | null = null;
  #failures = new Map<Call, { error: Error | null; isApplied: boolean }[]>();
  #claims = 0;

  constructor(clock: ManualClock, claimTimeoutMs: number) {
    this.#clock = clock;
    this.#claimTimeoutMs = claimTimeoutMs;
  }

  enqueue(...payloads: string[]): void {
    this.#ready.push(...payloads);
    this.#waiting?.();
  }

  /** The next call of this kind fails; `isApplied`: it takes effect all the same, and only its answer is lost. */
  failNext(call: Call, error: Error | null = new UnreachableError(1, "cut"), isApplied = false): void {
    this.#failures.set(call, [...(this.#failures.get(call) ?? []), { error, isApplied }]);
  }

  /** The next call of this kind gets no answer, for as long as anybody waits for one. @param isApplied it takes effect all the same */
  hangNext(call: Call, isApplied = false): void {
    this.failNext(call, null, isApplied);
  }

  /** As if the claim had ended: an operator took the task out, or the server's clock is ahead. */
  lose(payload: string): void {
    for (const claim of this.#deadlines.keys()) if (claim.endsWith(`-${payload}`)) this.#deadlines.set(claim, 0);
  }

  letGo({ payload }: ClaimedTask<string>): void {
    this.held.delete(payload);
  }

  rest(): void {}

  close(): void {}

  async take(max: number, signal: AbortSignal): Promise<ClaimedTask<string>[]> {
    this.takes.push(max);
    await this.#fail("take", () => {}, { signal });
    if (this.#ready.length === 0) {
      await new Promise<void>((resolve, reject) => {
        this.#waiting = resolve;
        signal.addEventListener("abort", () => reject(signal.reason as Error));
      });
      this.#waiting = null;
    }
    return this.#ready.splice(0, max).map((payload) => {
      this.held.add(payload);
      const claim = `${(this.#claims += 1)}-${payload}`;
      this.#deadlines.set(claim, this.#clock.now() + this.#claimTimeoutMs);
      return { ...TASK, id: payload, payload, claim, claimedUntil: this.#clock.now() + this.#claimTimeoutMs };
    });
  }

  ack(tasks: readonly ClaimedTask<string>[], control: Control): Promise<Settled[]> {
    return this.#ended("ack", tasks, control, ({ payload }) => this.acked.push(payload));
  }

  nack(items: readonly NackedTask<string>[], control: Control): Promise<Settled[]> {
    const tasks = items.map((item) => item.task);
    this.nackCalls += 1;
    return this.#ended("nack", tasks, control, (task, index) => {
      const { task: _task, ...how } = items[index] ?? { task };
      this.nacked.push({ payload: task.payload, ...how });
    });
  }

  async extend(tasks: readonly ClaimedTask<string>[], control: Control): Promise<Settled[]> {
    await this.#fail("extend", () => {}, control);
    this.extended.push(tasks.map((task) => task.payload));
    return tasks.map((task) => {
      if (!this.#isHeld(task)) return { ok: false, code: "claim-lost" };
      this.#deadlines.set(task.claim, this.#clock.now() + this.#claimTimeoutMs);
      return { ok: true };
    });
  }

  async #ended(
    call: Call,
    tasks: readonly ClaimedTask<string>[],
    control: Control,
    then: (task: ClaimedTask<string>, index: number) => void,
  ): Promise<Settled[]> {
    control.signal?.throwIfAborted();
    const apply = (): Settled[] =>
      tasks.map((task, index) => {
        if (!this.#isHeld(task)) {
          return { ok: false, code: this.#deadlines.has(task.claim) ? "claim-lost" : "task-not-found" };
        }
        this.#deadlines.delete(task.claim);
        then(task, index);
        return { ok: true };
      });
    await this.#fail(call, apply, control);
    return apply();
  }

  async #fail(call: Call, apply: () => unknown, { signal, timeoutMs = 30_000 }: Control): Promise<void> {
    await Promise.resolve();
    const failure = this.#failures.get(call)?.shift();
    if (failure === undefined) return;
    if (failure.isApplied) apply();
    if (failure.error !== null) throw failure.error;
    await this.#clock.sleep(timeoutMs, signal);
    throw new UnreachableError(1, `no answer within ${timeoutMs} ms`);
  }

  #isHeld(task: ClaimedTask<string>): boolean {
    return (this.#deadlines.get(task.claim) ?? 0) > this.#clock.now();
  }
}

const TASK = {
  version: 2,
  lane: "main",
  priority: 0,
  contentType: null,
  headers: {},
  attempts: 1,
  maxAttempts: null,
  enqueuedAt: 0,
  visibleAt: 0,
  expiresAt: null,
  error: null,
  origin: null,
};
