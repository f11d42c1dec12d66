// Changes an unclaimed task at a given version: its content, lane, priority, or when it becomes visible. One that has died here can be
// redriven with the change, in one commit, so that nobody claims it as it was.

import { DEFAULT_LANE, LIMITS } from "../../core/limits.ts";
import type { TaskChange } from "../../core/operation.ts";
import { laneOf, storedLane, taskKeyOf } from "../../core/stored-lane.ts";
import { instantOf } from "../../core/sequence.ts";
import { thousands } from "../../core/thousands.ts";
import type { QueueRow } from "../../store/queue-statements.ts";
import { DEAD, type TaskHead } from "../../store/task-row.ts";
import { endSomeExpired } from "../claims/end-attempt.ts";
import { findHead, findTask, type StoredTask } from "../tasks/find-task.ts";
import { changedOrigin } from "../tasks/origin.ts";
import { conflict, viewOf } from "./get-task.ts";
import { redriver } from "./redrive.ts";
import { bytesOf, storageRefusal } from "./storage-room.ts";
import type { QueueState } from "../state.ts";
import { visibleAtOf } from "../tasks/task-view.ts";
import { writeTask } from "../tasks/write-task.ts";
import { LATER } from "../turn.ts";
import type { OnQueue } from "./run.ts";

export const changeTask: OnQueue<"changeTask"> = (state, input, now, queue) => {
  const { visibleAt } = input.change;
  if (visibleAt !== undefined && visibleAt > now + LIMITS.delayMs) {
    return {
      kind: "invalid",
      field: "visibleAt",
      given: visibleAt,
      allowed: `at most ${thousands(LIMITS.delayMs)} ms (366 days) from now`,
    };
  }
  endSomeExpired(state, queue, now);
  const row = findTask(state, queue, input.id);
  if (row === undefined) return { kind: "task-not-found", id: input.id };
  if (state.claims.hasRunOut(row.seq, now)) return LATER;
  const isClaimed = state.claims.get(row.seq) !== undefined;
  const { redrive = false } = input;
  if (isClaimed || (row.state === DEAD) !== redrive || row.version !== input.version) {
    return conflict(state, row, input.id, now);
  }
  if (redrive && row.origin !== null) {
    const allowed = "a task that died in this queue; a dead letter is changed here first, then redriven";
    return { kind: "invalid", field: "redrive", given: true, allowed };
  }
  const changed = { ...row, ...changedHead(row, input.change, now), payload: input.change.payload ?? row.payload };
  if (!state.levels.hasRoomFor([changed])) return { kind: "queue-full", what: "lanes", limit: LIMITS.lanes };
  const tooLarge = storageRefusal(state, () => bytesOf(changed.payload) - bytesOf(row.payload));
  if (tooLarge !== null) return tooLarge;
  if (!redrive) return viewOf(state, queue, writeTask(state, changed, row, "changed"), now);
  const revived = revive(state, queue, input.id, now);
  if (Object.keys(input.change).length === 0) return viewOf(state, queue, revived, now);
  const next = { ...revived, ...changedHead(revived, input.change, now), payload: changed.payload };
  return viewOf(state, queue, writeTask(state, next, revived, "changed"), now);
};

function revive(state: QueueState, queue: QueueRow, id: string, now: number): StoredTask {
  const head = findHead(state, queue, id);
  const done = head === undefined ? "left" : redriver(state, now)(head);
  const revived = findTask(state, queue, id);
  if (done !== "redriven" || revived === undefined) throw new Error(`task ${id} is dead and was not redriven: ${done}`);
  return revived;
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
