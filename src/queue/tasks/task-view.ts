// A row as the task that people see.

import { claimTokenOf } from "../../core/claim-token.ts";
import type { TaskLimited } from "../../core/key-report.ts";
import { isSlowed, LONGEST_FLOOR_MS } from "../../core/return-floor.ts";
import { instantOf, keyOf } from "../../core/sequence.ts";
import { laneOf, taskKeyOf } from "../../core/stored-lane.ts";
import { taskIdOf, type Lives } from "../../core/task-id.ts";
import type { BrowsedTask, ClaimedTask, Payload, Task, TaskState } from "../../core/task.ts";
import { DEAD, LIVE, type TaskRow } from "../../store/task-row.ts";
import type { Claim } from "../claims/claim.ts";
import type { HeldBack } from "../keys/held-back.ts";
import { shownOrigin } from "./origin.ts";

export function idOf(lives: Lives, row: Pick<TaskRow, "seq" | "taskId">): string {
  return row.taskId ?? taskIdOf(lives, keyOf(row.seq));
}

export function payloadOf(payload: TaskRow["payload"]): Payload {
  return payload instanceof ArrayBuffer ? new Uint8Array(payload) : payload;
}

/** The instant from which the task may be claimed: a plain task's is its arrival. */
export function visibleAtOf(row: Pick<TaskRow, "seq" | "visibleAt"> & Partial<Pick<TaskRow, "retryAt">>): number {
  return Math.max(row.visibleAt ?? instantOf(row.seq), row.retryAt ?? 0);
}

/** Whether a task that was not deleted is claimed, dead, delayed or ready at `now`. */
export function stateOf(
  row: Pick<TaskRow, "state" | "seq" | "visibleAt"> & Partial<Pick<TaskRow, "retryAt">>,
  claim: Claim | undefined,
  now: number,
): TaskState {
  if (row.state === DEAD) return "dead";
  if (claim !== undefined && claim.expiresAt > now) return "claimed";
  return Math.max(row.visibleAt ?? 0, row.retryAt ?? 0) > now ? "delayed" : "ready";
}

export function asClaimed(lives: Lives, row: TaskRow, slot: number, nonce: string, claimedUntil: number): ClaimedTask {
  // Not made of `asTask`: what is claimed is made once, not copied.
  return {
    id: idOf(lives, row),
    // Written nowhere: a claim adds one to both, and the row follows when the attempt fails.
    version: row.version + 1,
    lane: laneOf(row.lane),
    key: taskKeyOf(row.lane) ?? undefined,
    cost: row.cost ?? undefined,
    priority: row.priority,
    payload: payloadOf(row.payload),
    contentType: row.contentType,
    headers: headersOf(row),
    attempts: row.attempts + 1,
    maxAttempts: row.maxAttempts,
    enqueuedAt: instantOf(row.seq),
    visibleAt: visibleAtOf(row),
    expiresAt: row.endsAt,
    error: row.error,
    origin: shownOrigin(row),
    claim: claimTokenOf(lives.tag, slot, nonce, keyOf(row.seq)),
    claimedUntil,
  };
}

/** One that waits for longer was asked to. */
function slowed(row: TaskRow, visibleAt: number, state: TaskState, now: number): TaskLimited | null {
  const isSlowedNow = state === "delayed" && isSlowed(row.version) && visibleAt - now <= LONGEST_FLOOR_MS;
  return isSlowedNow ? { by: "returns", of: "task", until: visibleAt } : null;
}

export function asBrowsed(
  lives: Lives,
  row: TaskRow,
  claim: Claim | undefined,
  heldBack: HeldBack,
  now: number,
): BrowsedTask {
  const state = stateOf(row, claim, now);
  const task = asTask(lives, row);
  const limited = state === "ready" ? heldBack(row) : slowed(row, task.visibleAt, state, now);
  const common = { ...task, state, diedAt: row.diedAt, ...(limited === null ? {} : { limited }) };
  if (state !== "claimed" || claim === undefined) return { ...common, claimedUntil: null, claimant: null };
  const { claimedAt, claimant } = claim.slot;
  return {
    ...common,
    version: row.version + 1,
    attempts: row.attempts + 1,
    claimedUntil: claim.expiresAt,
    claimant,
    ...(claimedAt === null ? {} : { claimedAt }),
  };
}

const NO_HEADERS: Task["headers"] = {};

function headersOf({ headers }: TaskRow): Task["headers"] {
  return headers === null ? NO_HEADERS : (JSON.parse(headers) as Record<string, string>);
}

function asTask(lives: Lives, row: TaskRow): Task {
  return {
    id: idOf(lives, row),
    version: row.version,
    lane: laneOf(row.lane),
    key: taskKeyOf(row.lane) ?? undefined,
    cost: row.cost ?? undefined,
    priority: row.priority,
    payload: payloadOf(row.payload),
    contentType: row.contentType,
    headers: headersOf(row),
    attempts: row.attempts,
    maxAttempts: row.maxAttempts,
    enqueuedAt: instantOf(row.seq),
    visibleAt: visibleAtOf(row),
    expiresAt: row.state === LIVE ? row.endsAt : null,
    error: row.error,
    origin: shownOrigin(row),
  };
}
