// Writes a task that is changed, failed or dead: in its own row, or out of its run into a row of its own.

import { INDEXED_FROM, keyOf } from "../../core/sequence.ts";
import type { StoredTask } from "./find-task.ts";
import type { FactKind, Place } from "../facts.ts";
import type { QueueState } from "../state.ts";
import { visibleAtOf } from "./task-view.ts";
import { LIVE } from "../../store/task-row.ts";

/**
 * Writes the row as given. A task that leaves its run moves to the indexed range under its old key, so its id and claim
 * tokens stay as they are; from then on it is offered through the index.
 */
export function writeTask(state: QueueState, task: StoredTask, before: Place, kind: FactKind): StoredTask {
  if (task.inRun === null) {
    state.tasks.change(task, task.payload);
    state.facts.say(kind, before, task);
    offer(state, task);
    return task;
  }
  const visibleAt = task.state === LIVE ? visibleAtOf(task) : null;
  const own: StoredTask = { ...task, seq: INDEXED_FROM + keyOf(task.seq), visibleAt, inRun: null };
  state.tasks.insert(own);
  state.arrivals.runs.settle(task.inRun, task.seq);
  state.facts.say(kind, before, own);
  offer(state, own);
  return own;
}

function offer(state: QueueState, { seq, lane, priority, visibleAt }: StoredTask): void {
  if (visibleAt !== null) state.levels.added(lane, priority, visibleAt, seq);
}
