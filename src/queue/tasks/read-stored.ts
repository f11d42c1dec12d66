// Reads tasks that a walk has come to, with their payloads: each row once, however many tasks of it are asked for.

import type { QueueState } from "../state.ts";
import { tasksOfRun, type StoredTask } from "./find-task.ts";
import type { SeenTask } from "./walk-step.ts";

/**
 * By their seqs. Of a run all tasks that are left come along.
 *
 * @param isWithAttempts what their rows remember of past attempts comes along
 */
export function readStored(
  state: QueueState,
  tasks: readonly Pick<SeenTask, "seq" | "inRun">[],
  isWithAttempts = false,
): ReadonlyMap<number, StoredTask> {
  const rows = new Set(tasks.map(({ seq, inRun }) => inRun?.seq ?? seq));
  const stored = new Map<number, StoredTask>();
  for (const row of state.tasks.bySeqs([...rows], isWithAttempts)) {
    if (row.run === null) stored.set(row.seq, { ...row, inRun: null });
    else for (const task of tasksOfRun(state, row)) stored.set(task.seq, task);
  }
  return stored;
}
