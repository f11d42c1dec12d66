// Consumers that wait for tasks, first come first served. Knows no timer: whoever holds it says when time has passed.
// Those who wait for the same lanes stand in one line, so that a turn in which nothing is ready costs a look at each line,
// not at each consumer.

import type { ClaimInput, OutcomeOf } from "../../core/operation.ts";
import { DeadlineHeap } from "../claims/deadline-heap.ts";
import type { QueueState } from "../state.ts";
import { nextVisibleAt } from "../sweep.ts";

export interface Waiter {
  readonly input: ClaimInput;
  /** When waiting ends without a task. Infinity: never. */
  readonly until: number;
  /** How many tasks it takes just now, up to `input.max`. Returning 0 removes it; its owner must add it when it has room. */
  readonly room: () => number;
  /** In a turn: is given tasks, or once the news that there are none. True: it goes on waiting, at the end of its line. */
  readonly answer: (outcome: OutcomeOf<"claim">) => boolean;
}

/** Waiters for the same lanes, all of whose waits end or all of whose do not, each under its number of arrival. */
interface Line {
  readonly key: string;
  readonly lanes: readonly string[];
  readonly isStanding: boolean;
  readonly waiting: Map<Waiter, number>;
}

export class Waiters {
  readonly #lines = new Map<string, Line>();
  readonly #waiting = new Map<Waiter, Line>();
  readonly #ends = new DeadlineHeap<Waiter>();
  #arrivals = 0;
  /** Those who were answered in this turn, with their lines and places: if the turn fails, they were not. */
  readonly #answered: { readonly waiter: Waiter; readonly line: Line; readonly arrival: number }[] = [];

  get size(): number {
    return this.#waiting.size;
  }

  /** At the end of its line; one that waits already keeps its place. */
  add(waiter: Waiter): void {
    if (this.#waiting.has(waiter)) return;
    this.#joins(waiter, this.#lineOf(waiter));
    if (!isStanding(waiter)) this.#ends.set(waiter, waiter.until);
  }

  /** The waiter gave up; it takes no task. */
  remove(waiter: Waiter): void {
    this.#waiting.get(waiter)?.waiting.delete(waiter);
    this.#waiting.delete(waiter);
    this.#ends.delete(waiter);
  }

  /** The turn in which they were answered has been committed. */
  committed(): void {
    this.#answered.length = 0;
  }

  /** The turn failed: those whom it answered wait as before. */
  rolledBack(): void {
    for (const { waiter, line, arrival } of this.#answered.splice(0)) {
      this.remove(waiter);
      this.#lines.set(line.key, line);
      // In front of those who came later.
      const others = [...line.waiting, [waiter, arrival] as const].toSorted(([, a], [, b]) => a - b);
      line.waiting.clear();
      for (const [other, place] of others) line.waiting.set(other, place);
      this.#waiting.set(waiter, line);
      if (!isStanding(waiter)) this.#ends.set(waiter, waiter.until);
    }
  }

  /** The waiter is answered with no tasks. */
  dismiss(waiter: Waiter): void {
    const line = this.#waiting.get(waiter);
    if (line !== undefined) this.#answer(waiter, line, { kind: "claimed", tasks: [] });
  }

  /**
   * Hands what is ready to those who wait, in the order in which they came, and sends away those whose time is over.
   *
   * @param claim takes tasks for one of them, in the turn's transaction
   */
  serve(claim: (input: ClaimInput) => OutcomeOf<"claim">, now: number): void {
    if (this.size === 0) return;
    const hungry = new Set(this.#lines.values());
    for (let line = firstOf(hungry); line !== undefined; line = firstOf(hungry)) {
      const [waiter] = line.waiting.keys();
      if (waiter === undefined) {
        hungry.delete(line);
        this.#lines.delete(line.key);
        continue;
      }
      const max = Math.min(waiter.room(), waiter.input.max);
      if (max <= 0) {
        this.remove(waiter);
        continue;
      }
      const outcome = claim({ ...waiter.input, max });
      if (outcome.kind === "claimed" && outcome.tasks.length > 0) {
        this.#answer(waiter, line, outcome);
        continue;
      }
      hungry.delete(line);
      // A queue at its limit of claims is one that has nothing to give yet; and who waits without end outwaits a pause.
      if (outcome.kind === "claimed" || outcome.kind === "too-many-claims" || line.isStanding) continue;
      for (const other of line.waiting.keys()) this.#answer(other, line, outcome);
    }
    for (let end = this.#ends.peek(); end !== undefined && end.at <= now; end = this.#ends.peek()) {
      this.#ends.pop();
      const line = this.#waiting.get(end.item);
      if (line !== undefined) this.#answer(end.item, line, { kind: "claimed", tasks: [] });
    }
  }

  /** When to serve again those whose wait ends, if nothing is written until then; null: none waits. */
  nextParkedAt(state: QueueState, now: number): number | null {
    const end = this.#ends.peek();
    if (end === undefined) return null;
    return Math.min(end.at, this.#nextReadyAt(state, now, false));
  }

  /** When to serve again those who wait without end; null: none waits for what time brings. */
  nextStandingAt(state: QueueState, now: number): number | null {
    const next = this.#nextReadyAt(state, now, true);
    return next === Number.POSITIVE_INFINITY ? null : next;
  }

  /** When time makes a task ready for such lines: one is visible, or a claim has run out. */
  #nextReadyAt(state: QueueState, now: number, ofStanding: boolean): number {
    const lines = Array.from(this.#lines.values()).filter(
      (line) => line.isStanding === ofStanding && line.waiting.size > 0,
    );
    if (lines.length === 0) return Number.POSITIVE_INFINITY;
    const deadline = state.claims.nextDeadline() ?? Number.POSITIVE_INFINITY;
    if (state.existing()?.settings.paused === true) return deadline;
    const lanes = new Set(lines.flatMap((line) => line.lanes));
    return Math.min(deadline, nextVisibleAt(state, now, [...lanes]) ?? deadline);
  }

  #answer(waiter: Waiter, line: Line, outcome: OutcomeOf<"claim">): void {
    const arrival = line.waiting.get(waiter);
    if (arrival !== undefined) this.#answered.push({ waiter, line, arrival });
    this.remove(waiter);
    if (waiter.answer(outcome)) this.#joins(waiter, line);
  }

  #joins(waiter: Waiter, line: Line): void {
    this.#arrivals += 1;
    line.waiting.set(waiter, this.#arrivals);
    this.#waiting.set(waiter, line);
  }

  #lineOf(waiter: Waiter): Line {
    const { lanes } = waiter.input;
    const key = `${isStanding(waiter)} ${JSON.stringify(lanes)}`;
    let line = this.#lines.get(key);
    if (line === undefined) {
      const names = "any" in lanes ? lanes.any : lanes.inOrder;
      line = { key, lanes: names, isStanding: isStanding(waiter), waiting: new Map() };
      this.#lines.set(key, line);
    }
    return line;
  }
}

function isStanding({ until }: Waiter): boolean {
  return until === Number.POSITIVE_INFINITY;
}

/** The line whose first waiter came before all others'. */
function firstOf(lines: ReadonlySet<Line>): Line | undefined {
  let first: Line | undefined;
  let firstArrival = Number.POSITIVE_INFINITY;
  for (const line of lines) {
    const [arrival = Number.POSITIVE_INFINITY - 1] = line.waiting.values();
    if (first !== undefined && arrival >= firstArrival) continue;
    first = line;
    firstArrival = arrival;
  }
  return first;
}
