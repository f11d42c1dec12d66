// The attempts that a task's row remembers, as SQL: the row is changed in place, so that nothing is read for it.

import { READY_AT_PLACE } from "../core/attempt.ts";
import { LIMITS } from "../core/limits.ts";

const READY_AT = `$[${READY_AT_PLACE}]`;

/**
 * What `past_attempts` is with one more, the oldest left out where there are too many. A task that kept its place while it waited
 * for a retry was ready from then on, which only its row knows.
 *
 * @param attempt the parameter that holds its text
 */
export function withAttempt(attempt: string): string {
  return `json_insert(
    CASE WHEN json_array_length(past_attempts) >= ${LIMITS.pastAttempts} THEN json_remove(past_attempts, '$[0]')
      ELSE coalesce(past_attempts, '[]') END,
    '$[#]', json_set(${attempt}, '${READY_AT}', max(${attempt} ->> '${READY_AT}', coalesce(retry_at, 0))))`;
}

/** The same of a parameter that may be null: then they are as they were. */
export function withAttemptIfAny(attempt: string): string {
  return `CASE WHEN ${attempt} IS NULL THEN past_attempts ELSE ${withAttempt(attempt)} END`;
}
