// Runs that are being worked on: which of their tasks are over. In memory from the first claim to the last ack of a run,
// rebuilt on wake from `settled`; a run that nobody has touched is a row and nothing else.

import type { Range } from "../../store/settled-statements.ts";

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
  readonly #runs = new Map<number, Run>();
  /** Runs whose row does not say yet what is over. */
  #changed = new Set<Run>();

  load(rows: readonly { seq: number; run: number; places: readonly Range[] }[]): void {
    for (const { seq, run, places } of rows) {
      const opened = this.keep(this.of(seq, run));
      opened.isMarked = true;
      for (const [first, last] of places) for (let place = first; place <= last; place += 1) opened.settled.add(place);
    }
  }

  /** The run of this row, as it is known here; looking at a run is no reason to remember it. */
  of(seq: number, count: number): Run {
    return this.#runs.get(seq) ?? { seq, count, settled: new Set(), isMarked: false };
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

  /** Whether a task of this row is over. */
  isSettled(seq: number, place: number): boolean {
    return this.#runs.get(seq)?.settled.has(place) === true;
  }

  /** How many tasks of runs are gone whose rows lie after one place and up to another. */
  goneBetween(afterSeq: number, toSeq: number): number {
    let count = 0;
    for (const { seq, settled } of this.#runs.values()) if (seq > afterSeq && seq <= toSeq) count += settled.size;
    return count;
  }

  /** The run's row is gone. */
  close(run: Run): void {
    this.#runs.delete(run.seq);
  }

  clear(): void {
    this.#changed.clear();
    this.#runs.clear();
  }
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
