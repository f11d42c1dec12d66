// Keeps claims while their tasks wait or run: extends them in time, and knows the moment one is lost.

import type { Timers } from "./timers.ts";
import type { ClaimedTask } from "../client/task.ts";
import { Bell } from "./bell.ts";
import { HeldTask } from "./held-task.ts";
import { attemptMs, MAX_ITEMS, type TaskSource } from "./task-source.ts";

export interface KeeperSettings {
  readonly claimTimeoutMs: number;
  readonly extendEveryMs: number;
}

/** Claims that are due within this share of the interval go along with one that is due now. */
const GATHER_SHARE = 1 / 4;
/** How soon an extend that failed is tried again; sooner when the deadline is near, but not ever sooner. */
const RETRY_MS = 1_000;
const SOONEST_RETRY_MS = 100;

export class Keeper<Payload> {
  readonly #source: TaskSource<Payload>;
  readonly #settings: KeeperSettings;
  readonly #clock: Timers;
  readonly #bell: Bell;
  readonly #extended: (tasks: readonly ClaimedTask<Payload>[]) => void;
  readonly #held = new Set<HeldTask<Payload>>();
  readonly #over = new AbortController();
  /** When the loop wakes next; null: when it is rung for. */
  #wakesAt: number | null = null;

  constructor(
    source: TaskSource<Payload>,
    settings: KeeperSettings,
    clock: Timers,
    extended: (tasks: readonly ClaimedTask<Payload>[]) => void,
  ) {
    this.#source = source;
    this.#settings = settings;
    this.#clock = clock;
    this.#extended = extended;
    this.#bell = new Bell(clock);
  }

  /** Keeps a task that was claimed just now, until `release`. */
  keep(task: ClaimedTask<Payload>): HeldTask<Payload> {
    const now = this.#clock.now();
    const held = new HeldTask(task, now + this.#settings.claimTimeoutMs, now + this.#settings.extendEveryMs);
    this.#held.add(held);
    // One that comes now is seldom due before those that are held: looking through them all for each would be in vain.
    if (this.#wakesAt === null || held.extendAt < this.#wakesAt) this.#bell.ring();
    return held;
  }

  /** Keeps it no longer: it is being acked or given back. */
  release(held: HeldTask<Payload>): void {
    this.#held.delete(held);
  }

  /** Until `end`, after which no extend that is out is waited for. */
  async run(): Promise<void> {
    while (!this.#over.signal.aborted) {
      this.#loseExpired();
      this.#extendDue();
      this.#wakesAt = this.#nextAt();
      await this.#bell.wait(this.#wakesAt);
    }
  }

  end(): void {
    this.#over.abort();
    this.#bell.ring();
  }

  #nextAt(): number | null {
    let next: number | null = null;
    for (const { deadlineAt, extendAt, isExtending } of this.#held) {
      const at = isExtending ? deadlineAt : Math.min(deadlineAt, extendAt);
      if (next === null || at < next) next = at;
    }
    return next;
  }

  #loseExpired(): void {
    const now = this.#clock.now();
    for (const held of this.#held) if (held.deadlineAt <= now) this.#lose(held);
  }

  #lose(held: HeldTask<Payload>): void {
    this.#held.delete(held);
    held.lose();
  }

  #extendDue(): void {
    const now = this.#clock.now();
    const idle = [...this.#held].filter((held) => !held.isExtending);
    if (!idle.some((held) => held.extendAt <= now)) return;
    const soon = now + this.#settings.extendEveryMs * GATHER_SHARE;
    const due = idle.filter((held) => held.extendAt <= soon);
    for (let from = 0; from < due.length; from += MAX_ITEMS) void this.#extend(due.slice(from, from + MAX_ITEMS));
  }

  async #extend(group: readonly HeldTask<Payload>[]): Promise<void> {
    const sentAt = this.#clock.now();
    for (const held of group) held.isExtending = true;
    const timeoutMs = attemptMs(Math.max(...group.map((held) => held.deadlineAt)) - sentAt);
    const tasks = group.map((held) => held.task);
    try {
      const results = await this.#source.extend(tasks, { timeoutMs, signal: this.#over.signal });
      const isKept = (_: unknown, index: number): boolean => results[index]?.ok === true;
      for (const held of group.filter((_, index) => !isKept(_, index))) if (this.#held.has(held)) this.#lose(held);
      for (const held of group.filter(isKept)) {
        held.deadlineAt = sentAt + this.#settings.claimTimeoutMs;
        held.extendAt = sentAt + this.#settings.extendEveryMs;
      }
      const kept = tasks.filter(isKept);
      if (kept.length > 0) this.#extended(kept);
    } catch {
      // Not reported as long as the claim lasts: the intake meets the same trouble and reports it.
      const now = this.#clock.now();
      for (const held of group) {
        held.extendAt = now + Math.max(SOONEST_RETRY_MS, Math.min(RETRY_MS, (held.deadlineAt - now) / 4));
      }
    } finally {
      for (const held of group) held.isExtending = false;
      this.#bell.ring();
    }
  }
}
