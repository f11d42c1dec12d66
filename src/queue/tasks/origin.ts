// Where a dead letter died, as it is stored with the task: what people see of it, and what its way back needs.

import { LIMITS } from "../../core/limits.ts";
import type { DeadLetterOrigin } from "../../core/task.ts";
import type { TaskRow } from "../../store/task-row.ts";

export interface Origin extends DeadLetterOrigin {
  /** The key that it had there, which it blocks in a strict order; absent if it had none, and from rows that are older than the field. */
  readonly key?: string;
  /** The task's own limit of attempts there; absent from rows that are older than the field. */
  readonly maxAttempts?: number | null;
  /** Where it had died before it came to that queue. */
  readonly before?: Origin | null;
  /** What it holds was changed after it had left that queue. */
  readonly isChanged?: true;
}

/** null: the task is no dead letter. */
export function originOf({ origin }: Pick<TaskRow, "origin">): Origin | null {
  return origin === null ? null : (JSON.parse(origin) as Origin);
}

export function shownOrigin(row: Pick<TaskRow, "origin">): DeadLetterOrigin | null {
  const origin = originOf(row);
  if (origin === null) return null;
  const { queue, id, lane, attempts, error, enqueuedAt, diedAt } = origin;
  return { queue, id, lane, attempts, error, enqueuedAt, diedAt };
}

/** The stored origin of a task whose content is changed: its way back then needs a right on the queue that it leads to. */
export function changedOrigin(row: Pick<TaskRow, "origin">): string | null {
  const origin = originOf(row);
  return origin === null ? null : JSON.stringify({ ...origin, isChanged: true });
}

/**
 * Whether a task that dies in `queue` may go on to `next`. Not where it has died before, or it would go round for ever; and
 * not after LIMITS.deadLetterStages queues, since it carries its way back with it.
 */
export function mayGoOn(queue: string, next: string, row: Pick<TaskRow, "origin">): boolean {
  if (next === queue) return false;
  let stages = 1;
  for (let origin = originOf(row); origin !== null; origin = origin.before ?? null) {
    stages += 1;
    if (origin.queue === next) return false;
  }
  return stages <= LIMITS.deadLetterStages;
}
