// The rows of tasks that have ended in a turn and are written together: acks that follow one another share a statement, whose
// call takes several times as long as deleting a row. Nobody reads stored tasks before these are written.

import { LIMITS } from "../../core/limits.ts";
import type { TaskRows } from "../arrivals/task-rows.ts";

export class GoneRows {
  readonly #tasks: TaskRows;
  readonly #written: (lastKey: number) => void;
  #removed: number[] = [];
  #remembered: number[] = [];
  /** Until when the ids of those remembered are kept: the same for all of a turn. */
  #forgetAt = 0;
  #lastKey = 0;

  /** @param written hears of the last key among tasks whose rows are gone now */
  constructor(tasks: TaskRows, written: (lastKey: number) => void) {
    this.#tasks = tasks;
    this.#written = written;
  }

  get isEmpty(): boolean {
    return this.#lastKey === 0;
  }

  /** The row is gone. */
  remove(seq: number): void {
    this.#removed.push(seq);
  }

  /** The row stays for the task's id alone, until an instant. */
  remember(seq: number, forgetAt: number): void {
    this.#forgetAt = forgetAt;
    this.#remembered.push(seq);
  }

  /** No key after this one has gone with the tasks of an operation. A turn's budget of rows sees what that has written. */
  upTo(lastKey: number): void {
    this.#lastKey = Math.max(this.#lastKey, lastKey);
    if (this.#removed.length + this.#remembered.length >= LIMITS.batchTasks) this.write();
  }

  write(): void {
    if (this.isEmpty) return;
    const [removed, remembered, lastKey] = [this.#removed, this.#remembered, this.#lastKey];
    this.#removed = [];
    this.#remembered = [];
    this.#lastKey = 0;
    this.#tasks.delete(removed);
    this.#tasks.markDone(remembered, this.#forgetAt);
    this.#written(lastKey);
  }
}
