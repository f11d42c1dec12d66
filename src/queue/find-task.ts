// A task by its public id: its producer's, or one that this queue made.

import { seqOfTaskId } from "../core/task-id.ts";
import type { QueueRow } from "../store/queue-statements.ts";
import { DONE, type TaskRow } from "../store/task-statements.ts";
import type { QueueState } from "./state.ts";

/** The task's row, or undefined when no such task is here. A finished one whose id is remembered is not here. */
export function findTask(state: QueueState, queue: QueueRow, id: string): TaskRow | undefined {
  const own = state.tasks.byTaskId(id);
  if (own !== undefined) return own.state === DONE ? undefined : own;
  const seq = seqOfTaskId(queue.tag, id);
  const row = seq === null ? undefined : state.tasks.bySeq(seq);
  return row?.taskId === null ? row : undefined;
}
