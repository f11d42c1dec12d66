// Writes tasks. All or none: every reason to refuse is found before the first write.

import { LIMITS } from "../core/limits.ts";
import { instantOf } from "../core/sequence.ts";
import type { EnqueuedTask, NewTask, OutcomeOf, Refusal } from "../core/operation.ts";
import { taskIdOf } from "../core/task-id.ts";
import { insertTask, isPlain, timed } from "./insert-task.ts";
import { forget, knownIds } from "./known-ids.ts";
import { liveCount } from "./live-count.ts";
import type { QueueState } from "./state.ts";

export function enqueue(
  state: QueueState,
  input: { readonly tasks: readonly NewTask[] },
  now: number,
  name: string,
): OutcomeOf<"enqueue"> {
  const refusal = refusalOf(state, input.tasks, now);
  if (refusal !== null) return refusal;
  const queue = state.created(name, now);
  const ids = knownIds(
    state,
    input.tasks.flatMap((task) => task.id ?? []),
    now,
  );
  forget(state, ids);
  const answers: EnqueuedTask[] = [];
  const plain = new PlainRow(state);
  for (const task of input.tasks) {
    const duplicate = task.id === undefined ? undefined : ids.taken.get(task.id);
    if (duplicate !== undefined) {
      answers.push({ ...duplicate, duplicate: true });
      continue;
    }
    const seq = state.sequence.take(now, 1);
    if (isPlain(task)) {
      plain.add(seq, task.payload);
      if (state.rowCount !== null) state.rowCount += 1;
      answers.push({ id: taskIdOf(queue.tag, seq), version: 1, visibleAt: instantOf(seq), duplicate: false });
    } else {
      plain.write();
      const answer = insertTask(state, queue, timed(task, now), now, seq);
      if (task.id !== undefined) ids.taken.set(task.id, answer);
      answers.push(answer);
    }
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
  if (!state.levels.hasRoomFor(tasks)) return { kind: "queue-full", what: "lanes", limit: LIMITS.levels };
  for (const [index, { visibleAt }] of tasks.entries()) {
    if (visibleAt !== undefined && visibleAt > now + LIMITS.delayMs) {
      return {
        kind: "invalid",
        field: tasks.length === 1 ? "visibleAt" : `tasks[${index}].visibleAt`,
        given: visibleAt,
        allowed: `at most ${LIMITS.delayMs.toLocaleString("en")} ms (366 days) from now`,
      };
    }
  }
  return null;
}
