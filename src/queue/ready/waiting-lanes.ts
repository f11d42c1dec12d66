// Which of the lanes that consumers wait for may have something: those in which a task became ready, by a write or by time.

import { DeadlineHeap } from "../claims/deadline-heap.ts";
import type { Source } from "./level.ts";
import type { Levels } from "./levels.ts";

/** @typeParam Line those who wait for the same lanes */
export class WaitingLanes<Line> {
  readonly #lines = new Map<string, Set<Line>>();
  /** What tasks of these lanes can be taken from, by when a task of them can be claimed next. */
  readonly #next = new DeadlineHeap<Source>();
  /** One that has changed, perhaps many times, and is looked at once: the keys of a lane have one source between them. */
  #touched: Source | null = null;

  add(line: Line, lanes: readonly string[], levels: Levels | null): void {
    for (const lane of lanes) {
      const lines = this.#lines.get(lane);
      if (lines !== undefined) lines.add(line);
      else {
        this.#lines.set(lane, new Set([line]));
        for (const source of levels?.sourcesOf(lane) ?? []) this.changed(source);
      }
    }
  }

  remove(line: Line, lanes: readonly string[], levels: Levels | null): void {
    for (const lane of lanes) {
      const lines = this.#lines.get(lane);
      lines?.delete(line);
      if (lines?.size !== 0) continue;
      this.#lines.delete(lane);
      for (const source of levels?.sourcesOf(lane) ?? []) this.forgotten(source);
    }
  }

  changed(source: Source): void {
    if (source === this.#touched) return;
    this.#look();
    this.#touched = source;
  }

  #look(): void {
    const source = this.#touched;
    this.#touched = null;
    if (source === null) return;
    if (source.nextAt < Number.POSITIVE_INFINITY && this.#lines.has(source.lane)) this.#next.set(source, source.nextAt);
    else this.#next.delete(source);
  }

  forgotten(source: Source): void {
    if (source === this.#touched) this.#touched = null;
    this.#next.delete(source);
  }

  /** Everything is to be found out again. */
  reset(levels: Levels): void {
    this.#next.clear();
    this.#touched = null;
    for (const lane of this.#lines.keys()) for (const source of levels.sourcesOf(lane)) this.changed(source);
  }

  linesOf(lane: string): ReadonlySet<Line> {
    return this.#lines.get(lane) ?? new Set();
  }

  /** The lines for whose lanes a task can be claimed at `now`. Each such source is returned once, until it changes again. */
  takeDue(now: number): Set<Line> {
    this.#look();
    const due = new Set<Line>();
    for (let first = this.#next.peek(); first !== undefined && first.at <= now; first = this.#next.peek()) {
      this.#next.pop();
      for (const line of this.linesOf(first.item.lane)) due.add(line);
    }
    return due;
  }

  /** When `takeDue` finds more, if nothing is written; null: never. */
  nextAt(): number | null {
    this.#look();
    return this.#next.peek()?.at ?? null;
  }
}
