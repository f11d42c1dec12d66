// A row of plain tasks that is kept in memory: what has just been written, or is being claimed task by task, need not be read
// again. Plain tasks are a payload and nothing else, so the payloads are all there is to keep.

import { DEFAULT_LANE, LIMITS } from "../../core/limits.ts";
import { utf8Bytes } from "../../core/utf8-bytes.ts";
import { LIVE, type TaskHead, type TaskRow } from "../../store/task-row.ts";

/** A row of plain tasks. */
export interface PlainTasks {
  /** The key of its first task. */
  readonly seq: number;
  /** By place. */
  readonly payloads: readonly string[];
  /** It is stored as a run; a row of one task need not be. */
  readonly isRun: boolean;
}

/** Holds one row at most, and no more of payloads than a run has. `TaskRows` drops it with the first write to it. */
export class KeptRow {
  #row: PlainTasks | null = null;

  get row(): PlainTasks | null {
    return this.#row;
  }

  keep(row: PlainTasks): void {
    const isSmall = row.isRun || (row.payloads[0]?.length ?? 0) <= LIMITS.runBytes;
    this.#row = isSmall ? row : null;
  }

  /** The row that begins at `seq`, if it is the one. */
  at(seq: number): PlainTasks | null {
    return this.#row?.seq === seq ? this.#row : null;
  }

  written(seq: number): void {
    if (this.#row?.seq === seq) this.#row = null;
  }

  allWritten(seqs: readonly number[]): void {
    if (this.#row !== null && seqs.includes(this.#row.seq)) this.#row = null;
  }

  drop(): void {
    this.#row = null;
  }
}

export function lastKeyOf({ seq, payloads }: PlainTasks): number {
  return seq + payloads.length - 1;
}

/** One task of it, as a row of its own would read. Written out: each task that is claimed is made once, not copied. */
export function plainTaskRow<InRun>(
  { seq, payloads }: PlainTasks,
  place: number,
  inRun: InRun,
): TaskRow & { readonly inRun: InRun } {
  return {
    seq: seq + place,
    version: 1,
    attempts: 0,
    state: LIVE,
    visibleAt: null,
    endsAt: null,
    run: null,
    lane: DEFAULT_LANE,
    priority: 0,
    taskId: null,
    maxAttempts: null,
    diedAt: null,
    contentType: null,
    headers: null,
    error: null,
    origin: null,
    cost: null,
    retryAt: null,
    payload: payloads[place] ?? "",
    inRun,
  };
}

/** What every plain task is, beside its key and its payload. */
export function plainHead(seq: number): TaskHead {
  return {
    seq,
    version: 1,
    attempts: 0,
    state: LIVE,
    visibleAt: null,
    endsAt: null,
    run: null,
    lane: DEFAULT_LANE,
    priority: 0,
    taskId: null,
    maxAttempts: null,
    diedAt: null,
    contentType: null,
    headers: null,
    error: null,
    origin: null,
    cost: null,
    retryAt: null,
  };
}

export function plainTaskBytes({ payloads }: PlainTasks, place: number): number {
  return utf8Bytes(payloads[place] ?? "");
}
