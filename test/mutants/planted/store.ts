// Faults planted in src/store: what is written is not what is meant.

import { OBJECT_SUITES, type Mutant } from "../mutant.ts";

const plant = (name: string, file: string, search: string, replace: string): Mutant => ({
  name,
  file: `src/store/${file}`,
  search,
  replace,
  suites: OBJECT_SUITES,
});

export const STORE_MUTANTS: readonly Mutant[] = [
  plant(
    "the version does not advance when an attempt fails",
    "task-sql.ts",
    "markFailed: `UPDATE tasks SET version = version + 2,",
    "markFailed: `UPDATE tasks SET version = version,",
  ),
  plant(
    "the version does not advance when a task is given back",
    "task-sql.ts",
    "markReleased: `UPDATE tasks SET version = version + 2,",
    "markReleased: `UPDATE tasks SET version = version,",
  ),
  plant(
    "a redriven task keeps its attempts",
    "task-sql.ts",
    "SET state = ${LIVE}, version = version + 1, attempts = 0,",
    "SET state = ${LIVE}, version = version + 1, attempts = attempts,",
  ),
  plant(
    "an old claim is revived at a restart, whatever became of its task",
    "claim-statements.ts",
    "WHERE t.version = json_extract(e.value, '$[1]') AND",
    "WHERE",
  ),
  plant(
    "an extended deadline is forgotten at a restart",
    "claim-statements.ts",
    "t.attempts, json_extract(e.value, '$[2]') AS expiresAt",
    "t.attempts, NULL AS expiresAt",
  ),
  plant(
    "a claim row that is taken again keeps the tasks that it had",
    "claim-statements.ts",
    "putUsual: `INSERT OR REPLACE",
    "putUsual: `INSERT OR IGNORE",
  ),
  plant(
    "how far keys had come is not kept with a claim",
    "claim-statements.ts",
    "holder, expiresAt, claimedAt, readTo, lastKey, entries);",
    "holder, expiresAt, claimedAt, readTo, 0, entries);",
  ),
  plant(
    "the watermark of a sender is not stored",
    "inbox-statements.ts",
    "DO UPDATE SET last_seq = excluded.last_seq`",
    "DO UPDATE SET last_seq = inbox.last_seq`",
  ),
  plant(
    "message numbers are not reserved",
    "outbox-statements.ts",
    "DO UPDATE SET up_to = excluded.up_to`",
    "DO UPDATE SET up_to = sent.up_to`",
  ),
  plant(
    "ready tasks are read in the order of their keys, not of when they became visible",
    "task-sql.ts",
    "AND visible_at > ? AND visible_at <= ? ORDER BY visible_at, seq LIMIT +?`",
    "AND visible_at > ? AND visible_at <= ? ORDER BY seq LIMIT +?`",
  ),
  plant(
    "a task is offered a moment before it is visible",
    "task-sql.ts",
    "AND visible_at > ? AND visible_at <= ? ORDER BY visible_at, seq LIMIT +?`",
    "AND visible_at > ? AND visible_at <= ? + 20 ORDER BY visible_at, seq LIMIT +?`",
  ),
  plant(
    "a task remembers every attempt at it, without end",
    "past-attempts.ts",
    "CASE WHEN json_array_length(past_attempts) >= ${LIMITS.pastAttempts} THEN",
    "CASE WHEN false THEN",
  ),
  plant(
    "a task that dies leaves what it remembers of its attempts behind",
    "outbox-statements.ts",
    "CASE WHEN coalesce(past_attempts, ?7) IS NULL THEN ?5",
    "CASE WHEN true THEN ?5",
  ),
];
