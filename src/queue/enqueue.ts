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
  // What looks at stored tasks, to count them or to compare ids, must find them stored.
  const isGathering = state.existing()?.settings.maxBacklog === null && input.tasks.every(isPlain);
  if (!isGathering) state.plain.write();
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
  for (const task of input.tasks) {
    const duplicate = task.id === undefined ? undefined : ids.taken.get(task.id);
    if (duplicate !== undefined) {
      answers.push({ ...duplicate, duplicate: true });
      continue;
    }
    const seq = state.sequence.take(now, 1);
    if (isPlain(task)) {
      state.plain.add(seq, task.payload);
      if (state.rowCount !== null) state.rowCount += 1;
      answers.push({ id: taskIdOf(queue.tag, seq), version: 1, visibleAt: instantOf(seq), duplicate: false });
    } else {
      state.plain.write();
      const answer = insertTask(state, queue, timed(task, now), now, seq);
      if (task.id !== undefined) ids.taken.set(task.id, answer);
      answers.push(answer);
    }
  }
  if (queue.settings.retentionMs !== null) state.dueAt(now + queue.settings.retentionMs, now);
  return { kind: "enqueued", tasks: answers };
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
