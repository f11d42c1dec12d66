// Enforces the budget of a queue that has used it up, whatever way a request comes, for those who wait, and for the alarm. It refuses
// nothing that ends or keeps a claim, so that no task that is being done is done twice.

import type { BudgetReached } from "../../core/settings.ts";
import type { ModifyInput } from "../../core/modify.ts";
import type { InputOf, OperationName, OutcomeOf, Refusal } from "../../core/operation.ts";
import type { SteadyClock } from "../../core/steady-clock.ts";
import { tasksWritten } from "../../core/tasks-written.ts";
import type { QueueHost } from "../queue-host.ts";
import type { QueueState } from "../state.ts";
import { budgetReached } from "./budget-reached.ts";

/** Between two calls of one kind that a slowed queue takes. ms */
const FLOOR_MS = 1_000;

type Way = "enqueue" | "claim";

export class BudgetGuard {
  readonly #state: () => QueueState;
  readonly #host: Pick<QueueHost, "report">;
  /** When a slowed queue takes the next call of each kind. */
  readonly #nextAt: Record<Way, number> = { enqueue: 0, claim: 0 };
  /** When those who wait may be given tasks, if they were not; null: nobody was kept waiting. */
  #giveAt: number | null = null;
  /** The end of the period for which it has been logged. */
  #loggedUntil = 0;

  constructor(state: () => QueueState, host: Pick<QueueHost, "report">) {
    this.#state = state;
    this.#host = host;
  }

  /**
   * Why a request is refused, before anything is done for it; null: it may go on.
   *
   * @param clock is looked at for queues that have a budget
   */
  refusal<Name extends OperationName>(
    name: Name,
    input: InputOf<Name>,
    clock: Pick<SteadyClock, "now">,
  ): Refusal | null {
    if (!this.#hasBudget()) return null;
    const way = wayOf(name, input);
    if (way === null) return null;
    const now = clock.now();
    const reached = budgetReached(this.#state(), now);
    if (reached === null || reached.onReach === "warn") return null;
    const { by, onReach, until } = reached;
    if (onReach === "slow") {
      const retryAfterMs = this.#wait(way, now);
      const what = `calls a second to ${way}, since its budget is reached`;
      return retryAfterMs === 0 ? null : { kind: "rate-limited", what, limit: 1, retryAfterMs };
    }
    if (onReach === "stop-enqueue" && way === "claim") return null;
    return { kind: "budget-reached", by, until, retryAfterMs: until - now };
  }

  /** Whether those who wait, or are pushed to, may be given tasks now; if not, the alarm rings when they may. */
  mayGive(now: number): boolean {
    const reached = this.#hasBudget() ? budgetReached(this.#state(), now) : null;
    if (reached === null || reached.onReach === "warn" || reached.onReach === "stop-enqueue") return true;
    const waitMs = reached.onReach === "slow" ? this.#wait("claim", now) : reached.until - now;
    if (waitMs > 0) this.#giveAt = now + waitMs;
    return waitMs <= 0;
  }

  /** When those who were kept waiting may be given tasks; null: nobody was. */
  get giveAt(): number | null {
    return this.#giveAt;
  }

  /** They are served at the end of this turn. */
  gives(): void {
    this.#giveAt = null;
  }

  /** Until when the alarm does nothing, since no promise needs it (P13); 0: it works. */
  heldUntil(now: number): number {
    const reached = this.#hasBudget() ? budgetReached(this.#state(), now) : null;
    return reached?.onReach === "stop" ? reached.until : 0;
  }

  /** After a turn: a budget that is used up is logged once in each hour or day, and a task that is slowed once a minute. */
  look(now: number): void {
    const slowed = this.#state().history.meter.tasks.takeNews();
    if (slowed !== null) this.#host.report("a task is claimed and given back without end and is slowed", slowed);
    if (!this.#hasBudget()) return;
    const reached = budgetReached(this.#state(), now);
    if (reached === null || reached.until <= this.#loggedUntil) return;
    this.#loggedUntil = reached.until;
    this.#host.report("the queue has reached its budget", lineOf(reached));
  }

  #hasBudget(): boolean {
    const budget = this.#state().existing()?.settings.budget;
    return budget !== undefined && (budget.rowsPerHour !== null || budget.usdPerDay !== null);
  }

  /** How long until a call of that kind is taken; 0: it is. ms */
  #wait(way: Way, now: number): number {
    const waitMs = this.#nextAt[way] - now;
    // A clock that was set back by more keeps nobody waiting.
    if (waitMs > 0 && waitMs <= FLOOR_MS) return waitMs;
    this.#nextAt[way] = now + FLOOR_MS;
    return 0;
  }
}

/** What those who wait are answered until then, as if no claim more were allowed: they are looked at again in a later turn. */
export const HELD_BACK: OutcomeOf<"claim"> = { kind: "too-many-claims", limit: 0 };

/** What a budget may hold back; null: nothing. */
function wayOf<Name extends OperationName>(name: Name, input: InputOf<Name>): Way | null {
  if (name === "modify" && settles(input as ModifyInput)) return null;
  if (tasksWritten(name, input) > 0 || name === "putDocument") return "enqueue";
  return name === "claim" || name === "modify" ? "claim" : null;
}

/** It ends or keeps a claim. */
function settles({ change, delete: deleted }: ModifyInput): boolean {
  return [...change, ...deleted].some((item) => "task" in item && "claim" in item.task);
}

function lineOf({ by, onReach, until }: BudgetReached): string {
  return `${by}, until ${new Date(until).toISOString()}: ${onReach}`;
}
