// How late this isolate is. What waits before any of our code sees it cannot be counted, but a timer waits with it: how long after
// its time it fires is how long all else waits. One long pass of the event loop is no overload: a collection of garbage, a long
// query, a burst that is soon worked off. Only when pass after pass is long does more come than can be done.

import { LIMITS } from "../core/limits.ts";

/** Milliseconds that only go on, and a wait. */
export interface LagTimer {
  now(): number;
  wait(ms: number): Promise<unknown>;
}

const LOOK_MS = 10;
/** A timer that has not fired by then never will: the request that it was set in was ended from without. */
const LOST_MS = 10_000;
/** What was seen that long ago says nothing any more. */
const OLD_MS = 1_000;

/** Has a timer only while it is asked to look, so that an idle isolate has none. */
export class Lag {
  readonly #timer: LagTimer;
  /** null: no timer is set. */
  #setAt: number | null = null;
  #firedAt = Number.NEGATIVE_INFINITY;
  #firedLateMs = 0;
  /** Timers that were late one after the other, and since when. */
  #lateTimes = 0;
  #lateSince = 0;

  constructor(timer: LagTimer) {
    this.#timer = timer;
  }

  /** Sets a timer, unless one is set. @returns fulfilled when it has fired; null: one was set already */
  look(): Promise<void> | null {
    const now = this.#timer.now();
    if (this.#setAt !== null && now - this.#setAt < LOST_MS) return null;
    if (now - this.#firedAt > OLD_MS) this.#onTime();
    this.#setAt = now;
    return this.#timer.wait(LOOK_MS).then(() => this.#fired(now));
  }

  #fired(setAt: number): void {
    if (this.#setAt !== setAt) return;
    this.#setAt = null;
    this.#firedAt = this.#timer.now();
    const lateMs = this.#firedAt - setAt - LOOK_MS;
    if (lateMs < LIMITS.lateMs) return this.#onTime();
    if (this.#lateTimes === 0) this.#lateSince = setAt;
    this.#lateTimes += 1;
    this.#firedLateMs = lateMs;
  }

  /** More has come than is taken on at once: a pass that is long now is an overload, the first one too. */
  full(): void {
    if (this.#dueMs() < LIMITS.lateMs && this.#lateTimes === 0) return;
    this.#lateTimes = LIMITS.lateTimes;
    this.#lateSince = Number.NEGATIVE_INFINITY;
  }

  #onTime(): void {
    this.#lateTimes = 0;
    this.#firedLateMs = 0;
  }

  /** How long what has come waits, while more comes than can be done; else 0. */
  overloadMs(): number {
    // The timer that is set is late before it fires, and the pass that it waits for may be the longest.
    const dueMs = this.#dueMs();
    const times = this.#lateTimes + (dueMs < LIMITS.lateMs ? 0 : 1);
    if (times < LIMITS.lateTimes || this.#timer.now() - this.#lateSince < LIMITS.lateForMs) return 0;
    return Math.max(this.#firedLateMs, dueMs);
  }

  /** How late the timer is that is set. */
  #dueMs(): number {
    return this.#setAt === null ? 0 : this.#timer.now() - this.#setAt - LOOK_MS;
  }
}
