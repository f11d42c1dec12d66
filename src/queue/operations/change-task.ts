// Changes an unclaimed task at a given version: its content, lane, priority, or when it becomes visible.

import { DEFAULT_LANE, LIMITS } from "../../core/limits.ts";
import type { OutcomeOf, TaskChange } from "../../core/operation.ts";
import { laneOf, storedLane, taskKeyOf } from "../../core/stored-lane.ts";
import { instantOf } from "../../core/sequence.ts";
import { DEAD, type TaskHead } from "../../store/task-row.ts";
import { endExpired } from "../claims/end-attempt.ts";
import { findTask } from "../tasks/find-task.ts";
import { changedOrigin } from "../tasks/origin.ts";
import { conflict, viewOf } from "./get-task.ts";
import { bytesOf, storageRefusal } from "./storage-room.ts";
import type { QueueState } from "../state.ts";
import { visibleAtOf } from "../tasks/task-view.ts";
import { writeTask } from "../tasks/write-task.ts";

export function changeTask(
  state: QueueState,
  input: { readonly id: string; readonly version: number; readonly change: TaskChange },
  now: number,
): OutcomeOf<"changeTask"> {
  const queue = state.existing();
  if (queue === null) return { kind: "queue-not-found" };
  const { visibleAt } = input.change;
  if (visibleAt !== undefined && visibleAt > now + LIMITS.delayMs) {
    return {
      kind: "invalid",
      field: "visibleAt",
      given: visibleAt,
      allowed: `at most ${LIMITS.delayMs.toLocaleString("en")} ms (366 days) from now`,
    };
  }
  endExpired(state, queue, now, LIMITS.sweepBatch);
  const row = findTask(state, queue, input.id);
  if (row === undefined) return { kind: "task-not-found", id: input.id };
  const isClaimed = state.claims.get(row.seq) !== undefined;
  if (isClaimed || row.state === DEAD || row.version !== input.version) return conflict(state, row, input.id, now);
  const changed = { ...row, ...changedHead(row, input.change, now), payload: input.change.payload ?? row.payload };
  if (!state.levels.hasRoomFor([changed])) return { kind: "queue-full", what: "lanes", limit: LIMITS.lanes };
  const tooLarge = storageRefusal(state, () => bytesOf(changed.payload) - bytesOf(row.payload));
  return tooLarge ?? viewOf(state, queue, writeTask(state, changed, row, "changed"), now);
}

/** The row after a change, one version on. A task that leaves the order of arrival goes into the ready index and stays there. */
export function changedHead(row: TaskHead, change: TaskChange, now: number): TaskHead {
  const key = change.key === undefined ? taskKeyOf(row.lane) : change.key;
  const lane = storedLane(change.lane ?? laneOf(row.lane), key);
  const priority = change.priority ?? row.priority;
  const asked = change.visibleAt ?? (change.delayMs === undefined ? null : now + change.delayMs);
  const isPlain = row.visibleAt === null && asked === null && lane === DEFAULT_LANE && priority === 0;
  // One that waits for its retry keeps its place in its key's order; without a key it has none.
  const place = key === null ? visibleAtOf(row) : (row.visibleAt ?? instantOf(row.seq));
  return {
    ...row,
    version: row.version + 1,
    lane,
    priority,
    retryAt: asked === null && key !== null ? row.retryAt : null,
    visibleAt: isPlain ? null : asked === null ? place : Math.max(asked, now),
    contentType: change.payload === undefined ? row.contentType : (change.contentType ?? null),
    headers: change.headers === undefined ? row.headers : headersText(change.headers),
    origin: TRAVELS.some((name) => change[name] !== undefined) ? changedOrigin(row) : row.origin,
  };
}

/** What of a change a dead letter takes along when it is redriven. */
const TRAVELS = ["payload", "headers", "priority", "key"] as const;

function headersText(headers: Readonly<Record<string, string>>): string | null {
  return Object.keys(headers).length === 0 ? null : JSON.stringify(headers);
}
