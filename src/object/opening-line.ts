// Which queues this isolate has called lately, and the line of the others. On plain workerd an object that is not in memory opens its
// database in the server's one thread, 3 to 15 ms each, and two hundred called at once kept everybody else waiting for all of them. So
// these are called one after the other, with a pause between. A request cannot wait for a promise of another, so each looks again.

import { LIMITS } from "../core/limits.ts";
import type { Refusal } from "../core/operation.ts";
import { ReturnTimes } from "../core/return-times.ts";

const PAUSE_MS = 1;
/** Whoever comes so long after the last need not sleep to know that others were heard meanwhile. */
const RESTED_MS = 1_000;
/** Between two tries of a call that nobody waits for. */
const LONG_PAUSE_MS = 100;
/** After as many of all that wait the first in line is passed over: a request that was called off does not go on. */
const MOST_LOOKS = 500;

interface Clock {
  /** Milliseconds that only go on. */
  now(): number;
  sleep(ms: number): Promise<void>;
}

export class OpeningLine {
  readonly #clock: Clock;
  readonly #returns = new ReturnTimes();
  /** Called since `#forgotAt`, and in as long a time before that. */
  #recent = new Set<string>();
  #earlier = new Set<string>();
  #forgotAt = Number.NEGATIVE_INFINITY;
  /** In the order in which they came. A queue stands in it once, whoever calls it. */
  readonly #line = new Set<string>();
  /** How many have been called, and when the last of them was. */
  #calls = 0;
  #calledAt = Number.NEGATIVE_INFINITY;
  /** By those who wait, since then. */
  #looks = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether the queue may be called now; then the caller does so at once. It costs a queue in use a look into a set. */
  isOpen(name: string): boolean {
    const now = this.#clock.now();
    if (now - this.#forgotAt >= LIMITS.openQueuesMs) this.#forget(now);
    if (this.#recent.has(name)) return true;
    if (this.#earlier.has(name)) this.#remember(name, now);
    else if (this.#line.size === 0 && now - this.#calledAt >= RESTED_MS) this.#begin(name, now);
    else return false;
    return true;
  }

  /**
   * Waits until the queue may be called, which the caller then does at once.
   *
   * @param most that may be in line already
   * @returns null, or why it may not be called
   */
  async opened(name: string, most: number = LIMITS.queuesInLine): Promise<Refusal | null> {
    if (this.isOpen(name)) return null;
    if (this.#line.size >= most && !this.#line.has(name)) return this.#refusal();
    while (!this.isOpen(name)) {
      this.#line.add(name);
      const calls = this.#calls;
      await this.#clock.sleep(PAUSE_MS * (1 + 2 * this.#before(name)));
      this.#looks += 1;
      // Another call may have begun meanwhile, and nobody else have been served since: then it waits once more.
      if (this.#before(name) === 0 && this.#calls === calls) this.#begin(name, this.#clock.now());
      else if (this.#looks >= MOST_LOOKS) this.#passOver();
    }
    return null;
  }

  /** The same for a call that nobody waits for: it is never refused, and leaves half of the line to those that are waited for. */
  async openedAtLast(name: string): Promise<void> {
    while ((await this.opened(name, LIMITS.queuesInLine / 2)) !== null) await this.#clock.sleep(LONG_PAUSE_MS);
  }

  #refusal(): Refusal {
    const retryAfterMs = this.#returns.next(this.#clock.now()) * 1_000;
    return { kind: "overloaded", reason: `${this.#line.size} other queues are being opened`, retryAfterMs };
  }

  #before(name: string): number {
    let before = 0;
    for (const other of this.#line) {
      if (other === name) break;
      before += 1;
    }
    return before;
  }

  /** Its call begins. */
  #begin(name: string, now: number): void {
    this.#line.delete(name);
    this.#calls += 1;
    this.#calledAt = now;
    this.#looks = 0;
    this.#returns.takesOn();
    this.#remember(name, now);
  }

  #passOver(): void {
    this.#looks = 0;
    for (const first of this.#line) {
      this.#line.delete(first);
      break;
    }
  }

  #remember(name: string, now: number): void {
    if (this.#recent.size >= LIMITS.openQueues) this.#forget(now);
    this.#recent.add(name);
  }

  #forget(now: number): void {
    const isLongAgo = now - this.#forgotAt >= 2 * LIMITS.openQueuesMs;
    this.#earlier = isLongAgo ? new Set() : this.#recent;
    this.#recent = new Set();
    this.#forgotAt = now;
  }
}
