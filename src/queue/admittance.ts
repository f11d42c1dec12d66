// Admission to a queue: a request is counted or refused here before anything is done for it, whatever way it comes.

import { OBJECT_PARTS } from "../core/held-bytes.ts";
import { LIMITS } from "../core/limits.ts";
import { isNeverHeldBack } from "../core/held-back.ts";
import type { InputOf, OperationName, Refusal } from "../core/operation.ts";
import { ReturnTimes } from "../core/return-times.ts";
import { NO_LIMITS, type QueueLimits } from "../core/settings.ts";
import { LAST_AT } from "../core/sequence.ts";
import { isStorageFull } from "../core/storage-full.ts";
import type { SteadyClock } from "../core/steady-clock.ts";
import type { Sql } from "../store/sql.ts";
import type { BudgetGuard } from "./budget/budget-guard.ts";
import { QueueQuota } from "./quota.ts";
import type { QueueState } from "./state.ts";
import type { Turns } from "./turn.ts";

/** What is asked about the queue. */
export interface Admitting {
  readonly clock: Pick<SteadyClock, "now" | "isBeyond">;
  readonly turns: Pick<Turns<unknown>, "hasRoomFor" | "isIdle" | "add">;
  readonly parked: { readonly size: number };
  readonly sql: Pick<Sql, "rowsWritten">;
  readonly guard: BudgetGuard;
  state(): Pick<QueueState, "existing">;
}

/** An operation for which there was no room on the disk is refused for so long, unless it makes room. ms */
const FULL_MS = 1_000;
const TOO_MUCH = "Too much waits for its turn already";
export const BEYOND = `The server's clock is later than ${new Date(LAST_AT).toISOString()}, the last instant that a queue can count`;

export type Overload = Extract<Refusal, { readonly kind: "overloaded" }>;

export class Admittance {
  readonly #queue: Admitting;
  readonly #quota: QueueQuota;
  readonly #returns = new ReturnTimes();
  /** When operations for which there was no room may be tried again. */
  readonly #fullUntil = new Map<string, number>();

  constructor(queue: Admitting) {
    this.#queue = queue;
    this.#quota = new QueueQuota(() => queue.clock.now(), queue.sql.rowsWritten);
  }

  /** What the owner has set. */
  get limits(): QueueLimits {
    return this.#queue.state().existing()?.settings.limits ?? NO_LIMITS;
  }

  /** Why no job that holds so many bytes may be added, since what waits for its turn is held in memory; null: it may. */
  overload(bytes: number): Overload | null {
    // The clock is looked at once a turn, not with every request: what waits already was let in a moment ago.
    if (this.#queue.turns.isIdle && this.#queue.clock.isBeyond) return { kind: "overloaded", reason: BEYOND };
    if (this.#queue.turns.hasRoomFor(bytes)) return null;
    return { kind: "overloaded", reason: TOO_MUCH, retryAfterMs: 1_000 * this.#returns.next(this.#queue.clock.now()) };
  }

  /**
   * Counts a request, before anything is done for it.
   *
   * @param bytes what it holds in memory until it is done
   * @returns why it is refused, by what waits already or by a limit that the owner has set; null: it may go on
   */
  admit<Name extends OperationName>(name: Name, input: InputOf<Name>, bytes: number): Refusal | null {
    const overload = this.overload(bytes);
    if (overload !== null) return bytes > OBJECT_PARTS.requests ? tooLarge(bytes) : overload;
    this.#returns.takesOn();
    if (this.#fullUntil.size > 0 && this.#isFullFor(name)) return { kind: "storage-full" };
    this.#quota.set(this.limits);
    return this.#quota.refusal(name, input) ?? this.#queue.guard.refusal(name, input, this.#queue.clock);
  }

  /** Each job that fails costs a queue what it has in memory, which is read again. @returns whether there was no room for it */
  failed(job: string, error: unknown): boolean {
    const isFull = isStorageFull(error);
    if (isFull && !isNeverHeldBack(job)) this.#fullUntil.set(job, this.#queue.clock.now() + FULL_MS);
    return isFull;
  }

  #isFullFor(name: OperationName): boolean {
    const until = this.#fullUntil.get(name);
    if (until === undefined) return false;
    if (this.#queue.clock.now() < until) return true;
    this.#fullUntil.delete(name);
    return false;
  }

  /** Why no further claim may wait; null: it may. */
  parking(): Refusal | null {
    const { parkedClaims: limit } = this.limits;
    const parked = this.#queue.parked.size;
    if (limit !== null && parked >= limit) return { kind: "rate-limited", what: "claims that wait at one time", limit };
    if (parked < LIMITS.parkedClaims) return null;
    return { kind: "overloaded", reason: `${LIMITS.parkedClaims} claims are waiting already` };
  }

  /** Answers those who were refused, in the very next turn: before all that waits for its own. */
  refuse(answer: () => void): void {
    this.#queue.turns.add({ name: "refusal", bytes: 0, apply: answer, fail: () => {} }, true);
  }

  /** A turn has ended. */
  committed(): void {
    this.#quota.wrote(this.#queue.sql.rowsWritten);
  }
}

/** It would not fit either if nothing else waited. */
function tooLarge(bytes: number): Refusal {
  return { kind: "invalid", field: "body", given: `${bytes} bytes`, allowed: `at most ${OBJECT_PARTS.requests} bytes` };
}
