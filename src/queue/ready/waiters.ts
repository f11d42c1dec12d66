// Consumers that wait for tasks, first come first served. Knows no timer: whoever holds it says when time has passed.
// Those who wait for the same lanes stand in one line. A turn looks only at the lines whose lanes may have something.

import { DEFAULT_LANE, LIMITS } from "../../core/limits.ts";
import type { ClaimInput, OutcomeOf } from "../../core/operation.ts";
import type { Settings } from "../../core/settings.ts";
import { DeadlineHeap } from "../claims/deadline-heap.ts";
import type { QueueState } from "../state.ts";
import { LATER } from "../turn.ts";
import type { Source } from "./level.ts";
import type { LevelWatcher, Levels } from "./levels.ts";
import { WaitingLanes } from "./waiting-lanes.ts";

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

export class Waiters implements LevelWatcher {
  #levels: Levels | null = null;
  readonly #lines = new Map<string, Line>();
  readonly #waiting = new Map<Waiter, Line>();
  readonly #ends = new DeadlineHeap<Waiter>();
  /** Lines to be looked at, by when their first waiter arrived. */
  readonly #hungry = new DeadlineHeap<Line>();
  readonly #parked = new WaitingLanes<Line>();
  readonly #standing = new WaitingLanes<Line>();
  #arrivals = 0;
  /** As they were when those who wait were last served. */
  #settings: Settings | undefined;
  /** Those who were answered in this turn, with their lines and places: if the turn fails, they were not. */
  readonly #answered: { readonly waiter: Waiter; readonly line: Line; readonly arrival: number }[] = [];

  get size(): number {
    return this.#waiting.size;
  }

  /** What they claim, those that came first in front. */
  *inputs(): Generator<ClaimInput> {
    for (const { input } of this.#waiting.keys()) yield input;
  }

  /** The queue has been opened: nothing is known of its lanes. */
  opened(levels: Levels): void {
    this.#levels = levels;
    levels.watcher = this;
    this.#parked.reset(levels);
    this.#standing.reset(levels);
    this.stir();
  }

  /** Something has changed that may concern all who wait. */
  stir(): void {
    for (const line of this.#lines.values()) this.#stir(line);
  }

  changed(source: Source): void {
    this.#parked.changed(source);
    this.#standing.changed(source);
  }

  forgotten(source: Source): void {
    this.#parked.forgotten(source);
    this.#standing.forgotten(source);
  }

  isWaitedFor(lane: string): boolean {
    return this.#parked.linesOf(lane).size > 0 || this.#standing.linesOf(lane).size > 0;
  }

  /** At the end of its line; one that waits already keeps its place. */
  add(waiter: Waiter): void {
    if (this.#waiting.has(waiter)) return;
    this.#joins(waiter, this.#lineOf(waiter));
    if (!isStanding(waiter)) this.#ends.set(waiter, waiter.until);
  }

  /** The waiter gave up; it takes no task. */
  remove(waiter: Waiter): void {
    const line = this.#waiting.get(waiter);
    if (line === undefined) return;
    line.waiting.delete(waiter);
    this.#waiting.delete(waiter);
    this.#ends.delete(waiter);
    if (this.#hungry.at(line) !== undefined) this.#stir(line);
    if (line.waiting.size > 0) return;
    this.#lines.delete(line.key);
    this.#lanesOf(line).remove(line, line.lanes, this.#levels);
  }

  /** The turn in which they were answered has been committed. */
  committed(): void {
    this.#answered.length = 0;
  }

  /** The turn failed: those whom it answered wait as before. */
  rolledBack(): void {
    const answered = this.#answered.splice(0);
    for (const { waiter } of answered) this.remove(waiter);
    // One sorting for each line: thousands may have been answered of a line of tens of thousands.
    const lines = new Map<Line, [Waiter, number][]>();
    for (const { waiter, arrival } of answered) {
      // Answered twice, it stood in its first place.
      if (this.#waiting.has(waiter)) continue;
      const line = this.#lineOf(waiter);
      let places = lines.get(line);
      if (places === undefined) lines.set(line, (places = [...line.waiting]));
      places.push([waiter, arrival]);
      this.#waiting.set(waiter, line);
      if (!isStanding(waiter)) this.#ends.set(waiter, waiter.until);
    }
    for (const [line, places] of lines) {
      line.waiting.clear();
      // In front of those who came later.
      for (const [waiter, arrival] of places.sort(([, one], [, other]) => one - other))
        line.waiting.set(waiter, arrival);
      this.#stir(line);
    }
  }

  /** The waiter is answered with no tasks. */
  dismiss(waiter: Waiter): void {
    const line = this.#waiting.get(waiter);
    if (line !== undefined) this.#answer(waiter, line, NOTHING);
  }

  /**
   * Hands what is ready to those who wait, in the order in which they came, and sends away those whose wait has ended.
   *
   * @param claim takes tasks for one of them, in the turn's transaction
   * @returns whether a turn's work is done and there is more
   */
  serve(claim: (input: ClaimInput) => OutcomeOf<"claim"> | typeof LATER, state: QueueState, now: number): boolean {
    if (this.size === 0) return false;
    const settings = state.existing()?.settings;
    if (settings !== this.#settings) {
      state.keys.pacedUntil = 0;
      this.stir();
    }
    this.#settings = settings;
    const { keys } = state;
    if (keys.pacedUntil > 0 && keys.pacedUntil <= now) {
      keys.pacedUntil = 0;
      this.stir();
    }
    for (const lanes of [this.#parked, this.#standing]) {
      for (const line of lanes.takeDue(now)) this.#stir(line);
      if (state.arrivals.hasUnread) for (const line of lanes.linesOf(DEFAULT_LANE)) this.#stir(line);
    }
    let hasMore = false;
    for (let next = this.#hungry.peek(); next !== undefined && !hasMore; next = this.#hungry.peek()) {
      const line = next.item;
      const [waiter] = line.waiting.keys();
      const max = waiter === undefined ? 0 : Math.min(waiter.room(), waiter.input.max);
      if (waiter === undefined || max <= 0) {
        if (waiter === undefined) this.#hungry.pop();
        else this.remove(waiter);
        continue;
      }
      const outcome = claim({ ...waiter.input, max });
      if (outcome === LATER) hasMore = true;
      // It has nothing to give yet, to anybody. They are looked at again in the next turn, whose first claim says it at once.
      else if (outcome.kind === "too-many-claims") break;
      else if (outcome.kind === "claimed" && outcome.tasks.length > 0) this.#answer(waiter, line, outcome);
      // Who waits without end outwaits a pause.
      else if (outcome.kind === "claimed" || line.isStanding) this.#hungry.pop();
      else this.#answer(waiter, line, outcome);
    }
    let dismissed = 0;
    for (let end = this.#ends.peek(); end !== undefined && end.at <= now; end = this.#ends.peek()) {
      if (dismissed === LIMITS.turnServed) return true;
      this.dismiss(end.item);
      dismissed += 1;
    }
    return hasMore;
  }

  /** When to serve again those whose wait ends, if nothing is written until then; null: none waits. */
  nextParkedAt(state: QueueState): number | null {
    const end = this.#ends.peek();
    if (end === undefined) return null;
    return Math.min(end.at, this.#nextReadyAt(state, this.#parked));
  }

  /** When to serve again those who wait without end; null: none waits for what time brings. */
  nextStandingAt(state: QueueState): number | null {
    if (this.size === this.#ends.size) return null;
    const next = this.#nextReadyAt(state, this.#standing);
    return next === Number.POSITIVE_INFINITY ? null : next;
  }

  /** When time makes a task ready for such lines: one is visible, or a claim has run out. */
  #nextReadyAt(state: QueueState, lanes: WaitingLanes<Line>): number {
    const deadline = state.claims.nextDeadline() ?? Number.POSITIVE_INFINITY;
    if (state.existing()?.settings.paused === true) return deadline;
    const { pacedUntil } = state.keys;
    return Math.min(deadline, pacedUntil > 0 ? pacedUntil : (lanes.nextAt() ?? deadline));
  }

  #answer(waiter: Waiter, line: Line, outcome: OutcomeOf<"claim">): void {
    const arrival = line.waiting.get(waiter);
    if (arrival !== undefined) this.#answered.push({ waiter, line, arrival });
    this.remove(waiter);
    if (waiter.answer(outcome)) this.#joins(waiter, this.#lineOf(waiter));
  }

  #joins(waiter: Waiter, line: Line): void {
    this.#arrivals += 1;
    line.waiting.set(waiter, this.#arrivals);
    this.#waiting.set(waiter, line);
    this.#stir(line);
  }

  /** It is looked at in this turn, when its first waiter's time has come. */
  #stir(line: Line): void {
    const [arrival] = line.waiting.values();
    if (arrival === undefined) this.#hungry.delete(line);
    else this.#hungry.set(line, arrival);
  }

  #lanesOf({ isStanding: isOfStanding }: Line): WaitingLanes<Line> {
    return isOfStanding ? this.#standing : this.#parked;
  }

  #lineOf(waiter: Waiter): Line {
    const { lanes } = waiter.input;
    const key = `${isStanding(waiter)} ${JSON.stringify(lanes)}`;
    const known = this.#lines.get(key);
    if (known !== undefined) return known;
    const names = "any" in lanes ? lanes.any : lanes.inOrder;
    const line: Line = { key, lanes: names, isStanding: isStanding(waiter), waiting: new Map() };
    this.#lines.set(key, line);
    this.#lanesOf(line).add(line, names, this.#levels);
    return line;
  }
}

const NOTHING: OutcomeOf<"claim"> = { kind: "claimed", tasks: [] };

function isStanding({ until }: Waiter): boolean {
  return until === Number.POSITIVE_INFINITY;
}
