// The message by which a dead task goes to its dead-letter queue and comes back.

import { DEFAULT_LANE } from "../../core/limits.ts";
import { INDEXED_FROM, instantOf } from "../../core/sequence.ts";
import { laneOf, storedLane, taskKeyOf } from "../../core/stored-lane.ts";
import { keyOfTaskId } from "../../core/task-id.ts";
import type { DeadLetterOrigin } from "../../core/task.ts";
import type { QueueRow } from "../../store/queue-statements.ts";
import { DONE, LIVE, type TaskRow } from "../../store/task-row.ts";
import { unblockKey } from "../keys/blocked-key.ts";
import { taskByKey } from "../tasks/find-task.ts";
import type { Message } from "./message.ts";
import type { QueueState } from "../state.ts";
import { idOf } from "../tasks/task-view.ts";

/** All of a task but its payload, which travels beside it. */
interface TravellingTask {
  readonly id: string;
  /** Goes on rising where it arrives: it may get its old key again, and nothing that named it before may name it then (P4). */
  readonly version: number;
  readonly contentType: string | null;
  readonly headers: string | null;
  readonly lane: string;
  readonly priority: number;
  readonly maxAttempts: number | null;
  /** Absent in messages of before there were keys. */
  readonly key?: string | null;
  readonly cost?: number | null;
  readonly origin: DeadLetterOrigin | null;
}

/** A dead task on its way to the dead-letter queue: what it was, why and when it died. */
export function asDeadLetter(
  queue: string,
  tag: string,
  row: TaskRow,
  attempts: number,
  error: string | null,
  now: number,
): string {
  const origin: DeadLetterOrigin = {
    queue,
    id: idOf(tag, row),
    lane: laneOf(row.lane),
    attempts,
    error,
    enqueuedAt: instantOf(row.seq),
    diedAt: now,
  };
  const { contentType, headers, priority, maxAttempts, cost } = row;
  const { id, lane } = origin;
  const version = row.version + 1;
  const key = taskKeyOf(row.lane);
  const message: TravellingTask = { id, version, contentType, headers, lane, key, cost, priority, maxAttempts, origin };
  return JSON.stringify(message);
}

/** A dead letter on its way back to where it died, under the id it had there. */
export function asRedrive(row: TaskRow, origin: DeadLetterOrigin): string {
  const { contentType, headers, priority, maxAttempts, cost } = row;
  const message: TravellingTask = {
    id: origin.id,
    version: row.version,
    contentType,
    headers,
    lane: origin.lane,
    key: taskKeyOf(row.lane),
    cost,
    priority,
    maxAttempts,
    origin: null,
  };
  return JSON.stringify(message);
}

/** Takes one in, dead letter or redriven. It is never refused, whatever the backlog. */
export function takeDeadLetter(state: QueueState, queue: QueueRow, message: Message, now: number): void {
  const task = JSON.parse(message.body) as TravellingTask;
  const isRedriven = message.kind === "redrive";
  const lane = storedLane(isRedriven ? task.lane : DEFAULT_LANE, task.key);
  const key = state.sequence.take(now, 1);
  const { seq, taskId } = place(state, queue, task.id, key + INDEXED_FROM);
  state.tasks.insert({
    seq,
    version: task.version + 1,
    attempts: 0,
    state: LIVE,
    visibleAt: now,
    endsAt: null,
    lane,
    priority: task.priority,
    taskId,
    maxAttempts: isRedriven ? task.maxAttempts : null,
    diedAt: null,
    contentType: task.contentType,
    headers: task.headers,
    error: null,
    origin: task.origin === null ? null : JSON.stringify(task.origin),
    cost: task.cost ?? null,
    retryAt: null,
    payload: message.payload ?? "",
  });
  state.facts.say("received", null, { seq, lane, priority: task.priority, state: LIVE, visibleAt: now });
  state.levels.added(lane, task.priority, now, seq);
  if (isRedriven) unblockKey(state, lane, task.id, now);
  if (queue.settings.retentionMs !== null) state.dueAt(now + queue.settings.retentionMs);
}

/**
 * Where an arriving task goes. It keeps its id: under its old key if this queue made the id, else as its own id. Only
 * when another task has taken the id meanwhile does it get a new one; its origin still names the old.
 */
function place(state: QueueState, queue: QueueRow, id: string, newSeq: number): { seq: number; taskId: string | null } {
  const holder = state.tasks.byTaskId(id);
  if (holder !== undefined && holder.state !== DONE) return { seq: newSeq, taskId: null };
  const oldKey = keyOfTaskId(queue.tag, id);
  if (holder !== undefined) {
    // Remembered since it left; it is here again.
    state.tasks.delete([holder.seq]);
    state.facts.say("forgotten", holder, null);
  } else if (oldKey !== null) {
    const isFree = taskByKey(state, oldKey) === undefined;
    return { seq: isFree ? INDEXED_FROM + oldKey : newSeq, taskId: null };
  }
  return { seq: newSeq, taskId: id };
}
