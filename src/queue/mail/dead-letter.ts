// The message by which a dead task goes to its dead-letter queue and comes back.

import { DEFAULT_LANE } from "../../core/limits.ts";
import { INDEXED_FROM, instantOf } from "../../core/sequence.ts";
import { laneOf, storedLane, taskKeyOf } from "../../core/stored-lane.ts";
import { keyOfTaskId } from "../../core/task-id.ts";
import type { QueueRow } from "../../store/queue-statements.ts";
import { DONE, LIVE, NEVER_AT, type TaskHead } from "../../store/task-row.ts";
import { unblockKey } from "../keys/blocked-key.ts";
import { headByKey } from "../tasks/find-task.ts";
import { originOf, type Origin } from "../tasks/origin.ts";
import type { Message } from "./message.ts";
import type { QueueState } from "../state.ts";
import { idOf } from "../tasks/task-view.ts";

/** All of a task but its payload, which travels beside it. */
interface TravellingTask {
  readonly id: string;
  /** Goes on rising where it arrives: it may get its old key again, and nothing that named it before may name it then (P4). Absent in the oldest messages. */
  readonly version?: number;
  readonly contentType: string | null;
  readonly headers: string | null;
  readonly lane: string;
  readonly priority: number;
  readonly maxAttempts: number | null;
  /** Absent in messages of before there were keys. */
  readonly key?: string | null;
  readonly cost?: number | null;
  /** Of one that comes back: the key that it had when it died, if it has been given another since. Absent in older messages. */
  readonly blocked?: string;
  /** Of one that comes back: when it was first enqueued where it died. Absent in older messages. */
  readonly enqueuedAt?: number;
  /** null: it arrives as no dead letter. */
  readonly origin: Origin | null;
  /** As its row held them. Those of a stored task are put in by the database. Absent in older messages. */
  readonly pastAttempts?: unknown;
}

/**
 * A dead task on its way to the dead-letter queue: what it was, why and when it died. Its TTL does not go with it: what has
 * died is kept for the retention, and begins again without one.
 *
 * @param pastAttempts their text, of a task without a row of its own
 */
export function asDeadLetter(
  queue: QueueRow,
  row: TaskHead,
  attempts: number,
  error: string | null,
  now: number,
  pastAttempts: string | null = null,
): string {
  const { contentType, headers, priority, maxAttempts, cost } = row;
  const key = taskKeyOf(row.lane);
  const origin: Origin = {
    queue: queue.name,
    id: idOf(queue, row),
    lane: laneOf(row.lane),
    ...(key === null ? {} : { key }),
    attempts,
    error,
    // One that came back has a newer key, and its old place.
    enqueuedAt: Math.min(instantOf(row.seq), (row.visibleAt ?? NEVER_AT) + 1),
    diedAt: now,
    maxAttempts,
    before: originOf(row),
  };
  const { id } = origin;
  const version = row.version + 1;
  const travelling = { id, version, contentType, headers, lane: origin.lane, key, cost, priority };
  // There the limit of that queue's consumers counts.
  const message: TravellingTask = { ...travelling, maxAttempts: null, origin };
  if (pastAttempts === null) return JSON.stringify(message);
  return JSON.stringify({ ...message, pastAttempts: JSON.parse(pastAttempts) as unknown });
}

/** A dead letter on its way back to where it died, as what it was there: a task, or the dead letter of another queue. */
export function asRedrive(row: TaskHead, origin: Origin): string {
  const { contentType, headers, priority, version, cost } = row;
  const { id, lane, maxAttempts = null, before = null } = origin;
  const key = taskKeyOf(row.lane);
  // Changed here, it is a changed one also where it came from before.
  const isChanged = before !== null && origin.isChanged === true;
  const message: TravellingTask = {
    id,
    version,
    contentType,
    headers,
    lane,
    key,
    cost,
    ...(origin.key === undefined || origin.key === key ? {} : { blocked: origin.key }),
    enqueuedAt: origin.enqueuedAt,
    priority,
    maxAttempts,
    origin: isChanged ? { ...before, isChanged } : before,
  };
  return JSON.stringify(message);
}

/** Of a task whose message has no version: above all versions that it can have had. */
const UNTOLD_VERSION = 1_000_000;

/** A dead letter, or one that comes back, and where it goes. */
export interface Letter {
  readonly task: TravellingTask;
  readonly isRedriven: boolean;
  readonly lane: string;
  readonly payload: Message["payload"];
}

export function openLetter({ body, kind, payload }: Message): Letter {
  const task = JSON.parse(body) as TravellingTask;
  const isRedriven = kind === "redrive";
  return { task, isRedriven, lane: storedLane(isRedriven ? task.lane : DEFAULT_LANE, task.key), payload };
}

/** Takes one in. Whether there is room for it has been decided. */
export function takeLetter(
  state: QueueState,
  queue: QueueRow,
  { task, isRedriven, lane, payload }: Letter,
  now: number,
): void {
  const key = state.sequence.take(now);
  const { seq, taskId } = place(state, queue, task.id, key + INDEXED_FROM);
  // Of a strict key before all that came after it, which have waited for it. Its key may be newer than theirs.
  const isStrict = isRedriven && taskKeyOf(lane) !== null && queue.settings.keys.order === "strict";
  const visibleAt = isStrict ? Math.min(now, (task.enqueuedAt ?? now) - 1) : now;
  state.tasks.insert({
    seq,
    version: (task.version ?? UNTOLD_VERSION) + 1,
    attempts: 0,
    state: LIVE,
    visibleAt,
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
    retryAt: isStrict ? now : null,
    payload: payload ?? "",
    pastAttempts: (task.pastAttempts ?? null) === null ? null : JSON.stringify(task.pastAttempts),
  });
  state.facts.say("received", null, { seq, lane, priority: task.priority, state: LIVE, visibleAt });
  state.levels.added(lane, task.priority, visibleAt, seq);
  if (isRedriven) unblockKey(state, task.blocked ?? taskKeyOf(lane), task.id, now);
  if (queue.settings.retentionMs !== null) state.housekeeping.dueAt(now + queue.settings.retentionMs);
}

/**
 * Where an arriving task goes. It keeps its id: under its old key if this queue made the id, else as its own id. Only
 * when another task has taken the id meanwhile does it get a new one; its origin still names the old.
 */
function place(state: QueueState, queue: QueueRow, id: string, newSeq: number): { seq: number; taskId: string | null } {
  const holder = state.tasks.headByTaskId(id);
  if (holder !== undefined && holder.state !== DONE) return { seq: newSeq, taskId: null };
  const oldKey = keyOfTaskId(queue, id);
  if (holder !== undefined) {
    // Remembered since it left; it is here again.
    state.tasks.delete([holder.seq]);
    state.facts.say("forgotten", holder, null);
  } else if (oldKey !== null) {
    const isFree = headByKey(state, oldKey) === undefined;
    return { seq: isFree ? INDEXED_FROM + oldKey : newSeq, taskId: null };
  }
  return { seq: newSeq, taskId: id };
}
