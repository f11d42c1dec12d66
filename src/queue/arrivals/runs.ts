// Runs that are being worked on: which of their tasks are over. In memory while tasks of a run are claimed, and a bounded number
// beside; `settled` has the others. A run that nobody has touched is a row and nothing else.

import { LIMITS } from "../../core/limits.ts";
import type { Range, SettledStatements } from "../../store/settled-statements.ts";

export interface Run {
  /** The key of its first task; a task's place is its key less this. */
  readonly seq: number;
  readonly count: number;
  /** Places of tasks that are done, or moved to a row of their own. */
  readonly settled: Set<number>;
  /** A row of `settled` exists for it. */
  isMarked: boolean;
}

export class Runs {
  readonly #settled: SettledStatements;
  readonly #runs = new Map<number, Run>();
  /** Runs whose row does not say yet which of their tasks are done. */
  #changed = new Set<Run>();
  /** Some runs have a row of `settled` and are not in memory. */
  #hasOthers = false;

  constructor(settled: SettledStatements) {
    this.#settled = settled;
  }

  /** On wake: the oldest, which are about to be read. Tasks that were cancelled far ahead can have marked any number (P12). */
  load(): void {
    const rows = this.#settled.first(LIMITS.runsKept + 1);
    this.#hasOthers = rows.length > LIMITS.runsKept;
    for (const { seq, run, places } of rows) this.keep(runOf(seq, run, places));
  }

  /** The run of this row; looking at a run is no reason to remember it. */
  of(seq: number, count: number): Run {
    return this.#runs.get(seq) ?? runOf(seq, count, this.#hasOthers ? this.#settled.get(seq) : []);
  }

  /** Remembers a run whose tasks are being claimed or settled. Returns the one that is remembered. */
  keep(run: Run): Run {
    const kept = this.#runs.get(run.seq);
    if (kept === undefined) this.#runs.set(run.seq, run);
    return kept ?? run;
  }

  /** A task of a run is done, or moves to a row of its own. Written at the end of the operation, once for all of them. */
  settle(inRun: Run, seq: number): void {
    const run = this.keep(inRun);
    run.settled.add(seq - run.seq);
    this.#changed.add(run);
  }

  takeChanged(): ReadonlySet<Run> {
    const changed = this.#changed;
    this.#changed = new Set();
    return changed;
  }

  /** How many tasks of runs are gone whose rows lie after one place and up to another. */
  goneBetween(afterSeq: number, toSeq: number): number {
    let count = 0;
    for (const { seq, settled } of this.#runs.values()) if (seq > afterSeq && seq <= toSeq) count += settled.size;
    if (!this.#hasOthers) return count;
    for (const { seq, places } of this.#settled.between(afterSeq, toSeq)) {
      if (!this.#runs.has(seq)) for (const [first, last] of places) count += last - first + 1;
    }
    return count;
  }

  /** More are in memory than the claims and what is kept beside them account for. */
  hasTooMany(claims: number): boolean {
    return this.#runs.size > claims + LIMITS.runsKept;
  }

  /** At the end of a turn, when all is written and only claims hold runs: forgets those that no claim holds. */
  keepOnly(claimed: Iterable<{ readonly inRun: Run | null }>): void {
    this.#runs.clear();
    this.#hasOthers = true;
    for (const { inRun } of claimed) if (inRun !== null) this.#runs.set(inRun.seq, inRun);
  }

  /** The run's row is gone. */
  close(run: Run): void {
    this.#runs.delete(run.seq);
  }

  clear(): void {
    this.#changed.clear();
    this.#runs.clear();
    this.#hasOthers = false;
  }
}

function runOf(seq: number, count: number, places: readonly Range[]): Run {
  const settled = new Set<number>();
  for (const [first, last] of places) for (let place = first; place <= last; place += 1) settled.add(place);
  return { seq, count, settled, isMarked: places.length > 0 };
}

/** Places as ranges, in order. */
export function rangesOf(places: ReadonlySet<number>): Range[] {
  const ranges: [number, number][] = [];
  for (const place of [...places].toSorted((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last !== undefined && last[1] === place - 1) last[1] = place;
    else ranges.push([place, place]);
  }
  return ranges;
}
