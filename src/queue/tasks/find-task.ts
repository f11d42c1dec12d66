// A task's row: its own, or cut out of the run that holds it. Whoever needs no payload asks for the head.

import { LIMITS } from "../../core/limits.ts";
import { keyOfTaskId } from "../../core/task-id.ts";
import type { QueueRow } from "../../store/queue-statements.ts";
import { DONE, type MeasuredHead, type TaskRow } from "../../store/task-row.ts";
import { plainHead } from "../arrivals/kept-row.ts";
import type { Run } from "../arrivals/runs.ts";
import type { QueueState } from "../state.ts";

/** One task as its row says, and the run it is still part of; null: the row is its own. */
export interface StoredTask extends TaskRow {
  /** Of its lane, if that is known where it was looked for: one text for all tasks of a key is found faster in memory. */
  readonly key?: string | null;
  readonly inRun: Run | null;
}

/** A task without its payload. Of one in a run, `bytes` are a bound. */
export interface StoredHead extends MeasuredHead {
  readonly inRun: Run | null;
}

/** The task by its public id, its producer's or the queue's own. A finished one whose id is remembered is not here. */
export function findTask(state: QueueState, queue: QueueRow, id: string): StoredTask | undefined {
  const named = state.tasks.byTaskId(id);
  if (named !== undefined) return named.state === DONE ? undefined : { ...named, inRun: null };
  const key = keyOfTaskId(queue, id);
  const found = key === null ? undefined : taskByKey(state, key);
  return found?.taskId === null ? found : undefined;
}

/** The same without its payload. */
export function findHead(state: QueueState, queue: QueueRow, id: string): StoredHead | undefined {
  const named = state.tasks.headByTaskId(id);
  if (named !== undefined) return named.state === DONE ? undefined : { ...named, inRun: null };
  const key = keyOfTaskId(queue, id);
  const found = key === null ? undefined : headByKey(state, key);
  return found?.taskId === null ? found : undefined;
}

/** The task of a key, wherever it is stored. */
export function taskByKey(state: QueueState, key: number): StoredTask | undefined {
  const row = state.tasks.byKey(key);
  if (row !== undefined) return { ...row, inRun: null };
  const run = runOf(state, key);
  const [stored] = run === null ? [] : state.tasks.bySeqs([run.seq]);
  return run === null || stored === undefined ? undefined : taskOfRun(stored, run, key - run.seq);
}

/** The same without its payload. */
export function headByKey(state: QueueState, key: number): StoredHead | undefined {
  const row = state.tasks.headByKey(key);
  if (row !== undefined) return { ...row, inRun: null };
  const inRun = runOf(state, key);
  return inRun === null ? undefined : { ...plainHead(key), bytes: LIMITS.runBytes, inRun };
}

/** The run that holds the task of a key; null: none does. */
function runOf(state: QueueState, key: number): Run | null {
  const row = state.tasks.runAt(key);
  if (row === null) return null;
  const run = state.arrivals.runs.of(row.seq, row.count);
  return run.settled.has(key - row.seq) ? null : run;
}

/** Every task of a run that is not over, in order. */
export function tasksOfRun(state: QueueState, row: TaskRow): StoredTask[] {
  const lines = linesOf(row);
  const run = state.arrivals.runs.of(row.seq, lines.length);
  const tasks: StoredTask[] = [];
  for (const [place, payload] of lines.entries()) {
    if (!run.settled.has(place)) tasks.push({ ...row, run: null, seq: row.seq + place, payload, inRun: run });
  }
  return tasks;
}

/** The payloads of a run, by place. JSON text has no line breaks of its own. */
export function linesOf(row: TaskRow): string[] {
  if (typeof row.payload !== "string") throw new Error(`run ${row.seq} holds bytes`);
  return row.payload.split("\n");
}

function taskOfRun(row: TaskRow, run: Run, place: number): StoredTask {
  const payload = linesOf(row)[place];
  if (payload === undefined) throw new Error(`run ${row.seq} has no place ${place}`);
  return { ...row, run: null, seq: row.seq + place, payload, inRun: run };
}
