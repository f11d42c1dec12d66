// Writes tasks. All or none: every reason to refuse is found before the first write.

import { DEFAULT_LANE, LIMITS } from "../core/limits.ts";
import { INDEXED_FROM, instantOf } from "../core/sequence.ts";
import type { EnqueuedTask, NewTask, OutcomeOf, Refusal } from "../core/operation.ts";
import { keyOfTaskId, taskIdOf } from "../core/task-id.ts";
import type { QueueRow } from "../store/queue-statements.ts";
import { DONE, LIVE } from "../store/task-statements.ts";
import { taskByKey } from "./find-task.ts";
import { liveCount } from "./live-count.ts";
import type { QueueState } from "./state.ts";
import { visibleAtOf } from "./task-view.ts";

export function enqueue(
  state: QueueState,
  input: { readonly tasks: readonly NewTask[] },
  now: number,
  name: string,
): OutcomeOf<"enqueue"> {
  const refusal = refusalOf(state, input.tasks, now);
  if (refusal !== null) return refusal;
  const queue = state.created(name, now);
  const known = existingIds(state, queue, input.tasks, now);
  const answers: EnqueuedTask[] = [];
  const plain = new PlainRow(state);
  for (const task of input.tasks) {
    const duplicate = task.id === undefined ? undefined : known.get(task.id);
    if (duplicate !== undefined) {
      answers.push({ ...duplicate, duplicate: true });
      continue;
    }
    const seq = state.sequence.take(now, 1);
    if (isPlain(task)) {
      plain.add(seq, task.payload);
      answers.push({ id: taskIdOf(queue.tag, seq), version: 1, visibleAt: instantOf(seq), duplicate: false });
    } else {
      plain.write();
      const answer = insertFull(state, queue, task, seq, now);
      if (task.id !== undefined) known.set(task.id, answer);
      answers.push(answer);
    }
    if (state.rowCount !== null) state.rowCount += 1;
  }
  plain.write();
  if (queue.settings.retentionMs !== null) state.dueAt(now + queue.settings.retentionMs, now);
  return { kind: "enqueued", tasks: answers };
}

/** Plain tasks on their way into rows: those with successive keys share one, within a run's limits. */
class PlainRow {
  #payloads: string[] = [];
  #firstSeq = 0;
  #bytes = 0;
  readonly #state: QueueState;

  constructor(state: QueueState) {
    this.#state = state;
  }

  add(seq: number, payload: string): void {
    const isFull =
      this.#payloads.length >= LIMITS.runTasks ||
      this.#bytes + payload.length > LIMITS.runBytes ||
      seq !== this.#firstSeq + this.#payloads.length;
    if (isFull) this.write();
    if (this.#payloads.length === 0) this.#firstSeq = seq;
    this.#payloads.push(payload);
    this.#bytes += payload.length;
    this.#state.plainTo = seq;
  }

  write(): void {
    if (this.#payloads.length > 0) this.#state.tasks.insertPlain(this.#firstSeq, this.#payloads);
    this.#payloads = [];
    this.#bytes = 0;
  }
}

/** Why these tasks cannot be taken in, or null. Reads only. */
export function refusalOf(state: QueueState, tasks: readonly NewTask[], now: number): Refusal | null {
  if (state.sql.sizeBytes() > LIMITS.storageBytes)
    return { kind: "queue-full", what: "bytes", limit: LIMITS.storageBytes };
  const maxBacklog = state.existing()?.settings.maxBacklog ?? null;
  if (maxBacklog !== null && liveCount(state) + tasks.length > maxBacklog) {
    return { kind: "queue-full", what: "tasks", limit: maxBacklog };
  }
  for (const [index, { lane = DEFAULT_LANE, priority = 0, visibleAt }] of tasks.entries()) {
    if (visibleAt !== undefined && visibleAt > now + LIMITS.delayMs) {
      return {
        kind: "invalid",
        field: tasks.length === 1 ? "visibleAt" : `tasks[${index}].visibleAt`,
        given: visibleAt,
        allowed: `at most ${LIMITS.delayMs.toLocaleString("en")} ms (366 days) from now`,
      };
    }
    const isDefault = lane === DEFAULT_LANE && priority === 0;
    if (!isDefault && !state.levels.hasRoomFor(lane, priority))
      return { kind: "queue-full", what: "lanes", limit: LIMITS.levels };
  }
  return null;
}

/** A task that is nothing but a payload: it goes in no index and pays one row. */
function isPlain(task: NewTask): task is NewTask & { readonly payload: string } {
  return (
    typeof task.payload === "string" &&
    task.contentType === undefined &&
    task.id === undefined &&
    task.delayMs === undefined &&
    task.visibleAt === undefined &&
    task.lane === undefined &&
    task.priority === undefined &&
    task.ttlMs === undefined &&
    task.maxAttempts === undefined &&
    task.headers === undefined
  );
}

function insertFull(state: QueueState, queue: QueueRow, task: NewTask, key: number, now: number): EnqueuedTask {
  const { lane = DEFAULT_LANE, priority = 0 } = task;
  const asked = task.visibleAt ?? now + (task.delayMs ?? 0);
  // The index holds what arrival order cannot: a later instant, another lane, another priority.
  const isIndexed = asked > now || lane !== DEFAULT_LANE || priority !== 0;
  const seq = isIndexed ? key + INDEXED_FROM : key;
  const visibleAt = isIndexed ? Math.max(asked, now) : null;
  const endsAt = task.ttlMs === undefined ? null : now + task.ttlMs;
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
    headers: task.headers === undefined || Object.keys(task.headers).length === 0 ? null : JSON.stringify(task.headers),
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

/**
 * The given ids that are taken (P10): by a task that is here, or by one that was finished within the dedupe window. A
 * remembered id whose window has ended is forgotten on the way.
 */
function existingIds(
  state: QueueState,
  queue: QueueRow,
  tasks: readonly NewTask[],
  now: number,
): Map<string, EnqueuedTask> {
  const found = new Map<string, EnqueuedTask>();
  const ids = tasks.flatMap((task) => (task.id === undefined ? [] : [task.id]));
  if (ids.length === 0) return found;
  const forgotten: number[] = [];
  for (const row of state.tasks.byTaskIds(ids)) {
    if (row.taskId === null) continue;
    if (row.state === DONE && row.endsAt !== null && row.endsAt <= now) forgotten.push(row.seq);
    else found.set(row.taskId, { id: row.taskId, version: row.version, visibleAt: visibleAtOf(row), duplicate: true });
  }
  for (const id of ids) {
    // An id that this queue itself made.
    const key = found.has(id) ? null : keyOfTaskId(queue.tag, id);
    const row = key === null ? undefined : taskByKey(state, key);
    if (row !== undefined && row.taskId === null) {
      found.set(id, { id, version: row.version, visibleAt: visibleAtOf(row), duplicate: true });
    }
  }
  state.tasks.delete(forgotten);
  if (state.rowCount !== null) state.rowCount -= forgotten.length;
  return found;
}
