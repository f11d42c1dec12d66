// The rows of `tasks`, with the one that reading stands in kept in memory. Whoever reads may keep a row here; whoever writes
// need not know that one is kept.

import { TaskStatements, type StoredRun } from "../../store/task-statements.ts";
import type { TaskHead, TaskRow } from "../../store/task-row.ts";
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

  override markDead(seq: number, attempts: number, endsAt: number, diedAt: number, error: string | null): void {
    this.kept.written(seq);
    super.markDead(seq, attempts, endsAt, diedAt, error);
  }

  override markFailed(seq: number, attempts: number, visibleAt: number, error: string | null): void {
    this.kept.written(seq);
    super.markFailed(seq, attempts, visibleAt, error);
  }

  override markReleased(seq: number, visibleAt: number): void {
    this.kept.written(seq);
    super.markReleased(seq, visibleAt);
  }

  override markWaiting(seq: number, attempts: number, retryAt: number, error: string | null): void {
    this.kept.written(seq);
    super.markWaiting(seq, attempts, retryAt, error);
  }

  override revive(seq: number, visibleAt: number, retryAt: number | null): void {
    this.kept.written(seq);
    super.revive(seq, visibleAt, retryAt);
  }

  override change(head: TaskHead, payload: TaskRow["payload"] | null): void {
    this.kept.written(head.seq);
    super.change(head, payload);
  }

  override changeInPlace(head: TaskHead, payload: TaskRow["payload"] | null): void {
    this.kept.written(head.seq);
    super.changeInPlace(head, payload);
  }
}
