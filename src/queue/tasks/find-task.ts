// A task's row: its own, or cut out of the run that holds it.

import { keyOfTaskId } from "../../core/task-id.ts";
import type { QueueRow } from "../../store/queue-statements.ts";
import { DONE, type MeasuredHead, type TaskRow } from "../../store/task-row.ts";
import type { Run } from "../arrivals/runs.ts";
import type { QueueState } from "../state.ts";

/** One task as its row says, and the run it is still part of; null: the row is its own. */
export interface StoredTask extends TaskRow {
  readonly inRun: Run | null;
}

/** The task by its public id, its producer's or the queue's own. A finished one whose id is remembered is not here. */
export function findTask(state: QueueState, queue: QueueRow, id: string): StoredTask | undefined {
  const named = state.tasks.byTaskId(id);
  if (named !== undefined) return named.state === DONE ? undefined : { ...named, inRun: null };
  const key = keyOfTaskId(queue.tag, id);
  const found = key === null ? undefined : taskByKey(state, key);
  return found?.taskId === null ? found : undefined;
}

/** The head of a task by its public id; undefined also for one that is in a run, which is plain. */
export function findHead(state: QueueState, queue: QueueRow, id: string): MeasuredHead | undefined {
  const named = state.tasks.headByTaskId(id);
  if (named !== undefined) return named.state === DONE ? undefined : named;
  const key = keyOfTaskId(queue.tag, id);
  const found = key === null ? undefined : state.tasks.headByKey(key);
  return found?.taskId === null ? found : undefined;
}

/** The task of a key, wherever it is stored. */
export function taskByKey(state: QueueState, key: number): StoredTask | undefined {
  const row = state.tasks.byKey(key);
  if (row !== undefined) return { ...row, inRun: null };
  const seq = state.tasks.runAt(key);
  if (seq === null || state.arrivals.runs.isSettled(seq, key - seq)) return undefined;
  const [run] = state.tasks.bySeqs([seq]);
  return run === undefined ? undefined : taskOfRun(state, run, key - seq);
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

function taskOfRun(state: QueueState, row: TaskRow, place: number): StoredTask {
  const payload = linesOf(row)[place];
  if (payload === undefined || row.run === null) throw new Error(`run ${row.seq} has no place ${place}`);
  return { ...row, run: null, seq: row.seq + place, payload, inRun: state.arrivals.runs.of(row.seq, row.run) };
}
