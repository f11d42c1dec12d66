// Writes tasks. All or none: every reason to refuse is found before the first write.

import { LIMITS } from "../../core/limits.ts";
import type { EnqueuedTask, NewTask, OutcomeOf, Refusal } from "../../core/operation.ts";
import { isPlain, TaskInserts, timed } from "../arrivals/insert-tasks.ts";
import { forget, knownIds } from "../tasks/known-ids.ts";
import { liveCount } from "../live-count.ts";
import type { QueueState } from "../state.ts";

export function enqueue(
  state: QueueState,
  input: { readonly tasks: readonly NewTask[] },
  now: number,
  name: string,
): OutcomeOf<"enqueue"> {
  // What looks at stored tasks, to count them or to compare ids, must find them stored.
  const isGathering = state.existing()?.settings.maxBacklog === null && input.tasks.every(isPlain);
  if (!isGathering) state.arrivals.writeGathered();
  const refusal = refusalOf(state, input.tasks, now);
  if (refusal !== null) return refusal;
  const queue = state.created(name, now);
  const ids = knownIds(
    state,
    input.tasks.flatMap((task) => task.id ?? []),
    now,
  );
  forget(state, ids);
  const inserts = new TaskInserts(state, queue, now);
  const answers = input.tasks.map((task): EnqueuedTask => {
    const duplicate = task.id === undefined ? undefined : ids.taken.get(task.id);
    if (duplicate !== undefined) return { ...duplicate, duplicate: true };
    const answer = inserts.insert(timed(task, now));
    if (task.id !== undefined) ids.taken.set(task.id, answer);
    return answer;
  });
  inserts.end();
  return { kind: "enqueued", tasks: answers };
}

/** Why these tasks cannot be taken in, or null. Reads only. */
export function refusalOf(state: QueueState, tasks: readonly NewTask[], now: number): Refusal | null {
  if (state.sql.isLargerThan(LIMITS.storageBytes))
    return { kind: "queue-full", what: "bytes", limit: LIMITS.storageBytes };
  const maxBacklog = state.existing()?.settings.maxBacklog ?? null;
  if (maxBacklog !== null && liveCount(state) + tasks.length > maxBacklog) {
    return { kind: "queue-full", what: "tasks", limit: maxBacklog };
  }
  if (!state.levels.hasRoomFor(tasks)) return { kind: "queue-full", what: "lanes", limit: LIMITS.levels };
  const latest = now + LIMITS.delayMs;
  const late = tasks.findIndex(({ visibleAt }) => visibleAt !== undefined && visibleAt > latest);
  if (late < 0) return null;
  return {
    kind: "invalid",
    field: tasks.length === 1 ? "visibleAt" : `tasks[${late}].visibleAt`,
    given: tasks[late]?.visibleAt,
    allowed: `at most ${LIMITS.delayMs.toLocaleString("en")} ms (366 days) from now`,
  };
}
