// The message by which a task goes to another queue and comes back: written here, read in receive.ts.

import type { DeadLetterOrigin } from "../core/task.ts";
import type { TaskRow } from "../store/task-statements.ts";
import { idOf } from "./task-view.ts";
import { instantOf } from "../core/sequence.ts";

/** All of a task but its payload, which travels beside it. */
export interface TravellingTask {
  readonly id: string;
  readonly contentType: string | null;
  readonly headers: string | null;
  readonly lane: string;
  readonly priority: number;
  readonly maxAttempts: number | null;
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
    lane: row.lane,
    attempts,
    error,
    enqueuedAt: instantOf(row.seq),
    diedAt: now,
  };
  const { contentType, headers, lane, priority, maxAttempts } = row;
  const message: TravellingTask = { id: origin.id, contentType, headers, lane, priority, maxAttempts, origin };
  return JSON.stringify(message);
}

/** A dead letter on its way back to where it died, under the id it had there. */
export function asRedrive(row: TaskRow, origin: DeadLetterOrigin): string {
  const { contentType, headers, priority, maxAttempts } = row;
  const message: TravellingTask = {
    id: origin.id,
    contentType,
    headers,
    lane: origin.lane,
    priority,
    maxAttempts,
    origin: null,
  };
  return JSON.stringify(message);
}
