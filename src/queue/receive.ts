// Takes in what other queues send: dead letters, and tasks that come back from a dead-letter queue. Each exactly once (P9).

import { DEFAULT_LANE } from "../core/limits.ts";
import { INDEXED_FROM } from "../core/sequence.ts";
import { keyOfTaskId } from "../core/task-id.ts";
import type { Payload } from "../core/task.ts";
import type { QueueRow } from "../store/queue-statements.ts";
import { DONE, LIVE } from "../store/task-statements.ts";
import type { TravellingTask } from "./dead-letter.ts";
import { taskByKey } from "./find-task.ts";
import type { QueueState } from "./state.ts";

export interface Message {
  readonly seq: number;
  readonly kind: string;
  readonly body: string;
  readonly payload: Payload | null;
}

export type ReceiveOutcome = { readonly kind: "received"; readonly upTo: number };

/**
 * Takes each message of a sender once, in order: those at or below the last one taken were taken before, and are passed.
 * A dead letter is never refused, whatever the backlog: it was taken in by edgeq when it was enqueued.
 */
export function receive(
  state: QueueState,
  name: string,
  sender: string,
  messages: readonly Message[],
  now: number,
): ReceiveOutcome {
  const queue = state.created(name, now);
  const before = state.outbox.lastSeqFrom(sender);
  let upTo = before;
  for (const message of messages) {
    if (message.seq <= upTo) continue;
    takeIn(state, queue, message, now);
    upTo = message.seq;
  }
  if (upTo > before) state.outbox.taken(sender, upTo);
  return { kind: "received", upTo };
}

function takeIn(state: QueueState, queue: QueueRow, message: Message, now: number): void {
  const task = JSON.parse(message.body) as TravellingTask;
  const key = state.sequence.take(now, 1);
  const { seq, taskId } = place(state, queue, task.id, key + INDEXED_FROM);
  state.tasks.insert({
    seq,
    version: 1,
    attempts: 0,
    state: LIVE,
    visibleAt: now,
    endsAt: null,
    lane: message.kind === "redrive" ? task.lane : DEFAULT_LANE,
    priority: task.priority,
    taskId,
    maxAttempts: message.kind === "redrive" ? task.maxAttempts : null,
    diedAt: null,
    contentType: task.contentType,
    headers: task.headers,
    error: null,
    origin: task.origin === null ? null : JSON.stringify(task.origin),
    payload: message.payload ?? "",
  });
  if (state.rowCount !== null) state.rowCount += 1;
  const lane = message.kind === "redrive" ? task.lane : DEFAULT_LANE;
  state.levels.added(lane, task.priority, now, seq);
  if (queue.settings.retentionMs !== null) state.dueAt(now + queue.settings.retentionMs, now);
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
    if (state.rowCount !== null) state.rowCount -= 1;
  } else if (oldKey !== null) {
    const isFree = taskByKey(state, oldKey) === undefined;
    return { seq: isFree ? INDEXED_FROM + oldKey : newSeq, taskId: null };
  }
  return { seq: newSeq, taskId: id };
}
