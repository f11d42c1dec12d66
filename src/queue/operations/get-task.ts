// One task, looked at without claiming it.

import { attemptsOf } from "../../core/attempt.ts";
import type { OutcomeOf, Refusal } from "../../core/operation.ts";
import type { QueueRow } from "../../store/queue-statements.ts";
import type { TaskHead, TaskRow } from "../../store/task-row.ts";
import { heldBackAt } from "../keys/held-back.ts";
import { findTask } from "../tasks/find-task.ts";
import type { QueueState } from "../state.ts";
import { asBrowsed, stateOf } from "../tasks/task-view.ts";
import type { OnQueue } from "./run.ts";

export const getTask: OnQueue<"getTask"> = (state, input, now, queue) => {
  const row = findTask(state, queue, input.id);
  if (row === undefined) return { kind: "task-not-found", id: input.id };
  return viewOf(state, queue, row, now);
};

export function viewOf(state: QueueState, queue: QueueRow, row: TaskRow, now: number): OutcomeOf<"getTask"> {
  const task = asBrowsed(queue, row, state.claims.get(row.seq), heldBackAt(state, now), now);
  return { kind: "task", task: { ...task, pastAttempts: attemptsOf(row.pastAttempts ?? null) } };
}

/** The refusal of a change to a task that is not as the caller believes (P4): at another version, or claimed. */
export function conflict(state: QueueState, row: TaskHead, id: string, now: number): Refusal {
  const claim = state.claims.get(row.seq);
  const taskState = stateOf(row, claim, now);
  const isClaimed = taskState === "claimed" && claim !== undefined;
  return {
    kind: "version-conflict",
    id,
    version: isClaimed ? row.version + 1 : row.version,
    state: taskState,
    claimedUntil: isClaimed ? claim.expiresAt : null,
  };
}
