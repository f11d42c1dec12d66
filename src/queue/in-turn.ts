// The interface of jobs inside a turn: run operations, and look. It sees what earlier jobs of the turn did, gathered tasks included.

import type { InputOf, OperationName, OutcomeOf, Stats } from "../core/operation.ts";
import type { Settings } from "../core/settings.ts";
import type { BudgetGuard } from "./budget/budget-guard.ts";
import { operate } from "./operations/table.ts";
import { countReady, type Ready } from "./ready/count-ready.ts";
import type { QueueState } from "./state.ts";
import { LATER } from "./turn.ts";
import type { TurnBudget } from "./turn-budget.ts";
import { statsOf } from "./stats.ts";
import { nextVisibleAt } from "./ready/next-visible.ts";

/** What can be asked inside a turn. */
export interface Turn {
  readonly now: number;
  /**
   * Runs one operation; a claim does not wait. `LATER`: to be asked again in the next turn.
   *
   * @param mustExist refused if the queue does not exist, which a first write would create. Default: false
   */
  operate<Name extends OperationName>(
    name: Name,
    input: InputOf<Name>,
    mustExist?: boolean,
  ): OutcomeOf<Name> | typeof LATER;
  /** The settings of the queue; null: it does not exist. */
  settings(): (Settings & { readonly createdAt: number }) | null;
  /** null: not all is counted yet; ask again in a later turn. */
  stats(): Stats | null;
  /** Counts at most `limit` tasks that a claim would find. */
  ready(lanes: readonly string[], limit: number): Ready;
  /** Whether tasks may be given to those who wait or are pushed to; if not, the alarm rings when they may. */
  mayGive(): boolean;
  /** When the next delayed task becomes visible in one of these lanes; null: none is waiting. */
  nextVisibleAt(lanes: readonly string[]): number | null;
  /** A turn's work is done: what is left goes into the next. */
  readonly isDone: boolean;
  /** Runs once all of the turn has been committed. */
  afterCommit(effect: () => void): void;
}

/** What a turn stands on, which may be another thing in the next. */
export interface TurnGround {
  state(): QueueState;
  now(): number;
  name(): string;
  readonly guard: BudgetGuard;
  /** The memory is built anew from what is stored. */
  reopen(): void;
  afterCommit(effect: () => void): void;
  readonly budget: Pick<TurnBudget, "answered" | "isDone">;
}

export class InTurn implements Turn {
  readonly #ground: TurnGround;

  constructor(ground: TurnGround) {
    this.#ground = ground;
  }

  get now(): number {
    return this.#ground.now();
  }

  get isDone(): boolean {
    return this.#ground.budget.isDone;
  }

  operate<Name extends OperationName>(
    name: Name,
    input: InputOf<Name>,
    mustExist = false,
  ): OutcomeOf<Name> | typeof LATER {
    const state = this.#ground.state();
    const queue = this.#ground.name();
    if (mustExist && state.existing() === null) return { kind: "queue-not-found", queue };
    const outcome = operate(state, name, input, this.now, queue);
    state.history.meter.charge(name, outcome === LATER ? 0 : 1);
    if (outcome !== LATER) this.#ground.budget.answered(outcome);
    if (state.isReplaced) this.#ground.reopen();
    // Its operations need not know the queue's name; who reads the refusal may have mistaken it.
    return isMissing(outcome) ? { ...outcome, queue } : outcome;
  }

  settings(): ReturnType<Turn["settings"]> {
    const row = this.#ground.state().existing();
    return row === null ? null : { ...row.settings, createdAt: row.createdAt };
  }

  stats(): Stats | null {
    const state = this.#stored();
    return state.isCounted(this.now) ? statsOf(state, this.now) : null;
  }

  ready(lanes: readonly string[], limit: number): Ready {
    return countReady(this.#stored(), lanes, limit, this.now);
  }

  mayGive(): boolean {
    return this.#ground.guard.mayGive(this.now);
  }

  nextVisibleAt(lanes: readonly string[]): number | null {
    return nextVisibleAt(this.#stored(), this.now, lanes);
  }

  afterCommit(effect: () => void): void {
    this.#ground.afterCommit(effect);
  }

  /** The queue with what this turn has gathered written: nothing reads stored tasks past what is gathered. */
  #stored(): QueueState {
    const state = this.#ground.state();
    state.writeTasks();
    return state;
  }
}

function isMissing<Outcome extends object | typeof LATER>(
  outcome: Outcome,
): outcome is Extract<Outcome, { readonly kind: "queue-not-found" }> {
  return outcome !== LATER && (outcome as { readonly kind?: unknown }).kind === "queue-not-found";
}
