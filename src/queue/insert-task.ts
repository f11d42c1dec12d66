// Writes one task. Whether it may come in has been decided by whoever calls.

import { DEFAULT_LANE } from "../core/limits.ts";
import type { EnqueuedTask, NewTask } from "../core/operation.ts";
import { INDEXED_FROM, instantOf } from "../core/sequence.ts";
import { taskIdOf } from "../core/task-id.ts";
import type { QueueRow } from "../store/queue-statements.ts";
import { LIVE } from "../store/task-statements.ts";
import type { QueueState } from "./state.ts";

/** A task whose times are instants: by the clock of the queue that took it in, wherever it goes from there. */
export type TimedTask = Omit<NewTask, "delayMs" | "ttlMs"> & { readonly endsAt?: number };

export function timed({ delayMs, ttlMs, ...task }: NewTask, now: number): TimedTask {
  return {
    ...task,
    ...(delayMs === undefined ? {} : { visibleAt: now + delayMs }),
    ...(ttlMs === undefined ? {} : { endsAt: now + ttlMs }),
  };
}

/** A task that is nothing but a payload: it goes in no index and pays one row. */
export function isPlain(task: NewTask | TimedTask): task is { readonly payload: string } {
  return typeof task.payload === "string" && Object.keys(task).length === 1;
}

/** @param key a key of the plain range, from the queue's sequence */
export function insertTask(
  state: QueueState,
  queue: QueueRow,
  task: TimedTask,
  now: number,
  key: number = state.sequence.take(now, 1),
): EnqueuedTask {
  if (state.rowCount !== null) state.rowCount += 1;
  if (queue.settings.retentionMs !== null) state.dueAt(now + queue.settings.retentionMs, now);
  if (isPlain(task)) {
    state.tasks.insertPlain(key, [task.payload]);
    state.plainTo = key;
    return { id: taskIdOf(queue.tag, key), version: 1, visibleAt: instantOf(key), duplicate: false };
  }
  const { lane = DEFAULT_LANE, priority = 0, endsAt = null } = task;
  const asked = task.visibleAt ?? now;
  // The index holds what arrival order cannot: a later instant, another lane, another priority.
  const isIndexed = asked > now || lane !== DEFAULT_LANE || priority !== 0;
  const seq = isIndexed ? key + INDEXED_FROM : key;
  const visibleAt = isIndexed ? Math.max(asked, now) : null;
  state.tasks.insert({
    seq,
    version: 1,
    attempts: 0,
    state: LIVE,
    visibleAt,
    endsAt,
    lane,
    priority,
    taskId: task.id ?? null,
    maxAttempts: task.maxAttempts ?? null,
    diedAt: null,
    contentType: task.contentType ?? null,
    headers: headersText(task.headers),
    error: null,
    origin: null,
    payload: task.payload,
  });
  if (visibleAt === null) state.plainTo = seq;
  else state.levels.added(lane, priority, visibleAt, seq);
  if (endsAt !== null) state.dueAt(endsAt, now);
  const id = task.id ?? taskIdOf(queue.tag, key);
  return { id, version: 1, visibleAt: visibleAt ?? instantOf(seq), duplicate: false };
}

function headersText(headers: Readonly<Record<string, string>> | undefined): string | null {
  return headers === undefined || Object.keys(headers).length === 0 ? null : JSON.stringify(headers);
}
