// Tasks in the order of their arrival: those that this turn has gathered and not written yet, those that are stored, and how
// far claims have read them. The one owner of what is read and unread.

import { LIMITS } from "../../core/limits.ts";
import type { SettledStatements } from "../../store/settled-statements.ts";
import { unreadPlainTasks, type PlainTask } from "./plain-tasks.ts";
import { rangesOf, Runs } from "./runs.ts";
import type { TaskRows } from "./task-rows.ts";

export class Arrivals {
  readonly runs: Runs;
  readonly #tasks: TaskRows;
  readonly #settled: SettledStatements;
  #readTo = 0;
  #arrivedTo = 0;
  #payloads: string[] = [];
  #firstSeq = 0;
  #bytes = 0;
  /** Every earlier arrival is claimed: the row gathered now is what the next claim reads. */
  #isNext = false;

  constructor(tasks: TaskRows, settled: SettledStatements) {
    this.#tasks = tasks;
    this.#settled = settled;
    this.runs = new Runs(settled);
  }

  /** Arrivals up to this key have all been claimed once. */
  get readTo(): number {
    return this.#readTo;
  }

  /** No arrival comes after this key. */
  get arrivedTo(): number {
    return this.#arrivedTo;
  }

  /** There may be arrivals that no claim has read. */
  get hasUnread(): boolean {
    return this.#readTo < this.#arrivedTo;
  }

  /** On wake. */
  load(readTo: number, lastSeq: number): void {
    this.#readTo = readTo;
    this.#arrivedTo = Math.max(readTo, lastSeq);
    this.runs.load();
  }

  /**
   * Gathers a plain task: those with successive keys share a row, within a run's limits. Enqueues of one turn gather together,
   * so that a busy queue of single tasks writes runs too.
   *
   * @param payload JSON text, which has no line breaks
   */
  gather(seq: number, payload: string): void {
    const isFull =
      this.#payloads.length >= LIMITS.runTasks ||
      this.#bytes + payload.length > LIMITS.runBytes ||
      seq !== this.#firstSeq + this.#payloads.length;
    if (isFull) this.writeGathered();
    if (this.#payloads.length === 0) {
      this.#firstSeq = seq;
      this.#isNext = !this.hasUnread;
    }
    this.#payloads.push(payload);
    this.#bytes += payload.length;
    this.#arrivedTo = seq;
  }

  /** A task has been written in the order of arrival that is more than a payload. */
  arrived(seq: number): void {
    this.#arrivedTo = seq;
  }

  /** Writes what is gathered. Whoever reads stored tasks must have this done before. */
  writeGathered(): void {
    const payloads = this.#payloads;
    if (payloads.length === 0) return;
    this.#tasks.insertPlain(this.#firstSeq, payloads);
    // About to be claimed, if somebody waits.
    if (this.#isNext) this.#tasks.kept.keep({ seq: this.#firstSeq, payloads, isRun: payloads.length > 1 });
    this.#payloads = [];
    this.#bytes = 0;
  }

  /** Arrivals that no claim has read, in order; some may be claimed, after a wake. Reads on as long as it is asked. */
  unread(read: "heads" | "whole" = "heads"): Generator<PlainTask> {
    return unreadPlainTasks(this.#tasks, this.runs, this, read);
  }

  /** A claim has read up to this key. */
  readUpTo(seq: number): void {
    this.#readTo = seq;
  }

  /** A claim has found nothing more, so that the next need not look. */
  readAll(): void {
    this.#arrivedTo = this.#readTo;
  }

  /**
   * Writes what became of runs in a turn, at its end: the row of a run goes with the last of its tasks; until then one row
   * says which are done.
   */
  writeRuns(): void {
    const done: number[] = [];
    for (const run of this.runs.takeChanged()) {
      if (run.settled.size < run.count) {
        this.#settled.put(run.seq, rangesOf(run.settled));
        run.isMarked = true;
        continue;
      }
      done.push(run.seq);
      if (run.isMarked) this.#settled.delete(run.seq);
      this.runs.close(run);
    }
    this.#tasks.delete(done);
  }

  /** Every task is gone. */
  clear(): void {
    this.#settled.deleteAll();
    this.runs.clear();
    this.#tasks.kept.drop();
    this.#payloads = [];
    this.#bytes = 0;
    this.#arrivedTo = this.#readTo;
  }
}
