// The rows of `tasks`, with the one that reading stands in kept in memory. Whoever reads may keep a row here; whoever writes
// need not know that one is kept.

import { TaskStatements, type StoredRun } from "../../store/task-statements.ts";
import type { Death, Ended, TaskHead, TaskRow } from "../../store/task-row.ts";
import { KeptRow, lastKeyOf } from "./kept-row.ts";

export class TaskRows extends TaskStatements {
  readonly kept = new KeptRow();

  override runAt(key: number): StoredRun | null {
    const kept = this.kept.row;
    if (kept?.isRun === true && kept.seq <= key && key <= lastKeyOf(kept)) {
      return { seq: kept.seq, count: kept.payloads.length };
    }
    return super.runAt(key);
  }

  /** The seq of the first row with tasks after a key: the run that holds the next key, or the next row. */
  firstRowAfter(key: number): number {
    return this.runAt(key + 1)?.seq ?? key + 1;
  }

  override delete(seqs: readonly number[]): void {
    this.kept.allWritten(seqs);
    super.delete(seqs);
  }

  override markDone(seqs: readonly number[], forgetAt: number): void {
    this.kept.allWritten(seqs);
    super.markDone(seqs, forgetAt);
  }

  override markDead(seq: number, death: Death): void {
    this.kept.written(seq);
    super.markDead(seq, death);
  }

  override markFailed(seq: number, visibleAt: number, ended: Ended): void {
    this.kept.written(seq);
    super.markFailed(seq, visibleAt, ended);
  }

  override markReleased(seq: number, visibleAt: number, attempt: string): void {
    this.kept.written(seq);
    super.markReleased(seq, visibleAt, attempt);
  }

  override markWaiting(seq: number, retryAt: number, ended: Ended): void {
    this.kept.written(seq);
    super.markWaiting(seq, retryAt, ended);
  }

  override revive(seq: number, visibleAt: number, retryAt: number | null): void {
    this.kept.written(seq);
    super.revive(seq, visibleAt, retryAt);
  }

  override change(head: TaskHead, payload: TaskRow["payload"] | null, attempt: string | null = null): void {
    this.kept.written(head.seq);
    super.change(head, payload, attempt);
  }

  override changeInPlace(head: TaskHead, payload: TaskRow["payload"] | null): void {
    this.kept.written(head.seq);
    super.changeInPlace(head, payload);
  }
}
