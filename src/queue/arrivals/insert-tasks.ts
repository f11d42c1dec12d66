// Writes new tasks, one after another. Whether they may come in has been decided by whoever calls.

import { DEFAULT_LANE } from "../../core/limits.ts";
import type { EnqueuedTask, NewTask } from "../../core/operation.ts";
import { INDEXED_FROM, instantOf } from "../../core/sequence.ts";
import { storedLane } from "../../core/stored-lane.ts";
import { taskIdOf, type Lives } from "../../core/task-id.ts";
import type { QueueRow } from "../../store/queue-statements.ts";
import { LIVE } from "../../store/task-row.ts";
import type { Place } from "../facts.ts";
import type { QueueState } from "../state.ts";

/** A task whose times are instants: by the clock of the queue that took it in, wherever it goes from there. */
export type TimedTask = Omit<NewTask, "delayMs" | "ttlMs"> & { readonly endsAt?: number };

export function timed(task: NewTask, now: number): TimedTask {
  if (isPlain(task)) return task;
  const { delayMs, ttlMs, ...rest } = task;
  return {
    ...rest,
    ...(delayMs === undefined ? {} : { visibleAt: now + delayMs }),
    ...(ttlMs === undefined ? {} : { endsAt: now + ttlMs }),
  };
}

function plainPlace(seq: number): Place {
  return { seq, lane: DEFAULT_LANE, priority: 0, state: LIVE, visibleAt: null };
}

/** The tasks that one operation writes. Plain ones that follow one another share a row; call `end` after the last. */
export class TaskInserts {
  readonly #state: QueueState;
  readonly #queue: QueueRow;
  readonly #now: number;

  constructor(state: QueueState, queue: QueueRow, now: number) {
    this.#state = state;
    this.#queue = queue;
    this.#now = now;
  }

  insert(task: TimedTask): EnqueuedTask {
    const key = this.#state.sequence.take(this.#now);
    if (isPlain(task)) this.#gather(key, [task]);
    else this.#insertFull(task, key);
    return insertedTask(task, key, this.#now, this.#queue);
  }

  insertPlain(tasks: readonly PlainTask[]): EnqueuedTask[] {
    const firstKey = this.#state.sequence.take(this.#now, tasks.length);
    this.#gather(firstKey, tasks);
    return tasks.map((_task, index) => insertedPlain(firstKey + index, this.#queue));
  }

  end(): void {
    const { retentionMs } = this.#queue.settings;
    if (retentionMs !== null) this.#state.housekeeping.dueAt(this.#now + retentionMs);
  }

  #gather(firstKey: number, tasks: readonly PlainTask[]): void {
    const { arrivals, facts } = this.#state;
    let key = firstKey;
    for (const { payload } of tasks) {
      arrivals.gather(key, payload);
      key += 1;
    }
    facts.say("enqueued", null, plainPlace(firstKey), null, tasks.length);
  }

  #insertFull(task: TimedTask, key: number): void {
    const state = this.#state;
    const now = this.#now;
    state.arrivals.writeGathered();
    const { priority = 0, endsAt = null } = task;
    const lane = storedLane(task.lane ?? DEFAULT_LANE, task.key);
    const visibleAt = indexedFrom(task, now);
    const seq = visibleAt === null ? key : key + INDEXED_FROM;
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
      cost: task.cost ?? null,
      retryAt: null,
      payload: task.payload,
    });
    state.facts.say("enqueued", null, { seq, lane, priority, state: LIVE, visibleAt });
    if (visibleAt === null) state.arrivals.arrived(seq);
    else state.levels.added(lane, priority, visibleAt, seq);
    if (endsAt !== null) state.housekeeping.dueAt(endsAt);
  }
}

/** How the insert of a task is answered, and always was: it follows from the task, its key and the instant alone. */
export function insertedTask(task: TimedTask, key: number, now: number, lives: Lives): EnqueuedTask {
  if (isPlain(task)) return insertedPlain(key, lives);
  const visibleAt = indexedFrom(task, now) ?? instantOf(key);
  return { id: task.id ?? taskIdOf(lives, key), version: 1, visibleAt, duplicate: false };
}

function insertedPlain(key: number, lives: Lives): EnqueuedTask {
  return { id: taskIdOf(lives, key), version: 1, visibleAt: instantOf(key), duplicate: false };
}

/**
 * The instant under which the index holds a task; null: it is in the order of arrival. The index holds what that cannot: a
 * later instant, another lane, another priority.
 */
function indexedFrom(task: TimedTask, now: number): number | null {
  const { visibleAt = 0, lane = DEFAULT_LANE, priority = 0, key } = task;
  const isIndexed = visibleAt > now || lane !== DEFAULT_LANE || priority !== 0 || key !== undefined;
  return isIndexed ? Math.max(visibleAt, now) : null;
}

/** A task that is nothing but a payload: it goes in no index and pays one row, or a share of one. */
export interface PlainTask {
  readonly payload: string;
}

export function isPlain(task: NewTask | TimedTask): task is PlainTask {
  if (typeof task.payload !== "string") return false;
  for (const name in task) if (name !== "payload") return false;
  return true;
}

function headersText(headers: Readonly<Record<string, string>> | undefined): string | null {
  return headers === undefined || Object.keys(headers).length === 0 ? null : JSON.stringify(headers);
}
