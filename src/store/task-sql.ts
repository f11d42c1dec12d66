// Every statement on `tasks` as text. Each says which index it stands on; test/store/query-plans holds them to it.

import { LIMITS } from "../core/limits.ts";
import { INDEXED_FROM } from "../core/sequence.ts";
import { withAttempt, withAttemptIfAny } from "./past-attempts.ts";
import { DEAD, DONE, LIVE } from "./task-row.ts";

const HEAD = `seq, version, attempts, state, visible_at AS visibleAt, ends_at AS endsAt, run, lane, priority, task_id AS taskId,
  max_attempts AS maxAttempts, died_at AS diedAt, content_type AS contentType, headers, error, origin, cost, retry_at AS retryAt`;
const ROW = `${HEAD}, payload`;
const WITH_ATTEMPTS = `${ROW}, past_attempts AS pastAttempts`;
/** A head, and how large its payload is, which is not read for it. */
const MEASURED = `${HEAD}, octet_length(payload) AS bytes`;
/** Lengths and types are read without the payload itself. */
const CANDIDATE = `seq, version, attempts, visible_at AS visibleAt, ends_at AS endsAt, run,
  task_id IS NOT NULL AND origin IS NULL AS hasId, octet_length(payload) AS bytes,
  CASE WHEN content_type IS NULL THEN 'json' ELSE typeof(payload) END AS form,
  coalesce(octet_length(headers), 0) + coalesce(octet_length(error), 0) + coalesce(octet_length(origin), 0) AS otherBytes, cost, retry_at AS retryAt`;
const SIGHTING = `${CANDIDATE}, state, lane, coalesce(octet_length(past_attempts), 0) AS attemptBytes`;
/**
 * What a row of `tasks_ready` is, without what its level says. A payload comes along that is small, and what few tasks have is
 * one JSON text: a column costs a row more than its reading does.
 */
const MORE = `CASE WHEN coalesce(ends_at, task_id, max_attempts, content_type, headers, error, origin, cost, retry_at) IS NOT NULL
    THEN json_array(ends_at, task_id, max_attempts, content_type, headers, error, origin, cost, retry_at, typeof(payload)) END`;
const WHOLE = `seq, version, attempts, visible_at AS visibleAt, octet_length(payload) AS bytes,
  CASE WHEN octet_length(payload) <= ?3 AND run IS NULL THEN payload END AS payload, ${MORE} AS more`;
/** The same as JSON, which takes half the time where there are many: a payload of bytes stays where it is. */
const WHOLE_JSON = `json_array(seq, version, attempts, visible_at, octet_length(payload),
  CASE WHEN octet_length(payload) <= ${LIMITS.aheadBytes} AND typeof(payload) = 'text' THEN payload END, json(${MORE}))`;
/** JSON [instant, seq, instant, seq, ...] of entries of the ready index, whose rows are not read for it. */
const placesIn = (entries: string): string =>
  `(SELECT '[' || coalesce(group_concat(visible_at || ',' || seq), '') || ']' FROM (${entries}))`;
const PLACE = `SELECT visible_at, seq FROM tasks WHERE visible_at IS NOT NULL AND lane = p.value ->> 0 AND priority = p.value ->> 1`;
const ENDED = `seq, lane, priority, state, visible_at AS visibleAt, ends_at AS endsAt, task_id IS NOT NULL AND origin IS NULL AS hasId,
  octet_length(payload) AS bytes`;
/** Rows that are read as one JSON text: few enough for the longest that SQLite may make. */
export const ROWS_A_LIST = 8;
const SEQS = `(SELECT value FROM json_each(?))`;

/** tasks_ends, the dead that go at one instant, after a key. SQLite would not begin a search at (instant, key) in one. */
const deadAt = (columns: string): string =>
  `SELECT ${columns} FROM tasks WHERE state = ${DEAD} AND ends_at IS NOT NULL AND ends_at = +? AND seq > ? ORDER BY seq LIMIT +?`;
/** tasks_ends, the dead in the order in which they go, after an instant */
const deadAfter = (columns: string): string =>
  `SELECT ${columns} FROM tasks WHERE state = ${DEAD} AND ends_at IS NOT NULL AND ends_at > ? ORDER BY ends_at, seq LIMIT +?`;

export const TASK_SQL = {
  insertPlain: `INSERT INTO tasks (seq, payload) VALUES (?, ?)`,
  insertRun: `INSERT INTO tasks (seq, run, payload) VALUES (?, ?, ?)`,
  insert: `INSERT INTO tasks (seq, version, attempts, state, visible_at, ends_at, lane, priority, task_id, max_attempts, died_at,
    content_type, headers, error, origin, cost, retry_at, payload, past_attempts)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  /** The table itself, from the read cursor on. */
  plainFrom: `SELECT run, ${WHOLE} FROM tasks WHERE seq >= ?1 AND seq < ${INDEXED_FROM} AND visible_at IS NULL AND state = 0
    ORDER BY seq LIMIT +?2`,
  /**
   * tasks_ready, one lane, priority and instant, after a key: the first of each range, which a reader merges by their keys.
   * SQLite would not begin a search at (instant, key) in one.
   */
  indexedAt: `SELECT * FROM (SELECT ${CANDIDATE} FROM tasks WHERE visible_at IS NOT NULL AND lane = +?1 AND priority = +?2
      AND visible_at = +?3 AND seq > ?4 AND seq < ${INDEXED_FROM} ORDER BY seq LIMIT +?5)
    UNION ALL SELECT * FROM (SELECT ${CANDIDATE} FROM tasks WHERE visible_at IS NOT NULL AND lane = +?1 AND priority = +?2
      AND visible_at = +?3 AND seq > ?4 + ${INDEXED_FROM} ORDER BY seq LIMIT +?5)`,
  /** tasks_ready, one lane and priority, from after an instant to now. */
  indexedAfter: `SELECT ${CANDIDATE} FROM tasks WHERE visible_at IS NOT NULL AND lane = +? AND priority = +?
    AND visible_at > ? AND visible_at <= ? ORDER BY visible_at, seq LIMIT +?`,
  /** tasks_ready alone, for each of some [lane, priority, instant]: the next entries after the instant. */
  ahead: `SELECT ${placesIn(`${PLACE} AND visible_at > p.value ->> 2 ORDER BY visible_at, seq LIMIT +?2`)} FROM json_each(?1) p`,
  /** The same of [lane, priority, instant, key] at the instant, after the key: the first of each range. */
  aheadAt: `SELECT ${placesIn(`SELECT * FROM (${PLACE} AND visible_at = p.value ->> 2
      AND seq > p.value ->> 3 AND seq < ${INDEXED_FROM} ORDER BY seq LIMIT +?2)
    UNION ALL SELECT * FROM (${PLACE} AND visible_at = p.value ->> 2
      AND seq > (p.value ->> 3) + ${INDEXED_FROM} ORDER BY seq LIMIT +?2)`)} FROM json_each(?1) p`,
  /** Each by its seq, those of each list in the parameter as one list. */
  wholeAt: `SELECT (SELECT json_group_array(${WHOLE_JSON}) FROM json_each(p.value) e CROSS JOIN tasks ON seq = e.value)
    FROM json_each(?1) p`,
  /** tasks_ready: the first entry of one lane and priority from an instant on. */
  firstVisibleFrom: `SELECT visible_at AS visibleAt FROM tasks WHERE visible_at IS NOT NULL AND lane = +? AND priority = +?
    AND visible_at >= ? ORDER BY visible_at LIMIT 1`,
  /** tasks_ready: the next priority of a lane, skipping all tasks of this one. */
  nextPriority: `SELECT lane, priority FROM tasks WHERE visible_at IS NOT NULL AND lane = +? AND priority > ?
    ORDER BY priority LIMIT 1`,
  /** tasks_ready: the next lane, skipping all tasks of this one. */
  nextLane: `SELECT lane, priority FROM tasks WHERE visible_at IS NOT NULL AND lane > ? ORDER BY lane, priority LIMIT 1`,
  /** tasks_ready: the next stored lane in a range, skipping all tasks of this one. */
  nextLaneBefore: `SELECT lane FROM tasks WHERE visible_at IS NOT NULL AND lane > ? AND lane < ? ORDER BY lane LIMIT 1`,
  /**
   * The table itself: the nearest row at or before a key, at most a run's length back. No row lies between a run and the keys
   * that it holds, so one that is not a run shows that none holds this key.
   */
  rowAt: `SELECT seq, run FROM tasks WHERE seq <= ?1 AND seq > ?1 - ${LIMITS.runTasks} ORDER BY seq DESC LIMIT 1`,
  byKey: `SELECT ${WITH_ATTEMPTS} FROM tasks WHERE seq IN (?1, ?1 + ${INDEXED_FROM}) AND run IS NULL`,
  /** Rows that are one task each, one search for each; an IN over the list would read it over and over. */
  headsAt: `SELECT ${MEASURED} FROM json_each(?) CROSS JOIN tasks ON seq = value WHERE run IS NULL`,
  bySeqs: `SELECT ${ROW} FROM tasks WHERE seq IN ${SEQS}`,
  bySeqsWithAttempts: `SELECT ${WITH_ATTEMPTS} FROM tasks WHERE seq IN ${SEQS}`,
  bySeq: `SELECT ${ROW} FROM tasks WHERE seq = ?`,
  /** tasks_task_id */
  byTaskId: `SELECT ${WITH_ATTEMPTS} FROM tasks WHERE task_id = ? AND task_id IS NOT NULL`,
  /** tasks_task_id */
  byTaskIds: `SELECT seq, version, state, visible_at AS visibleAt, lane, priority, ends_at AS endsAt, task_id AS taskId,
    origin IS NOT NULL AS isLetter, octet_length(payload) AS bytes FROM tasks WHERE task_id IN ${SEQS} AND task_id IS NOT NULL`,
  /** The table itself, a bounded window of it; whoever reads it filters. */
  sightingsFrom: `SELECT ${SIGHTING} FROM tasks WHERE seq >= ? ORDER BY seq LIMIT +?`,
  sightings: `SELECT ${SIGHTING} FROM tasks WHERE seq IN ${SEQS}`,
  deadAt: deadAt(MEASURED),
  deadAfter: deadAfter(MEASURED),
  deadSightingsAt: deadAt(SIGHTING),
  deadSightingsAfter: deadAfter(SIGHTING),
  /** The table itself, a bounded window of it, without payloads. */
  headsAfter: `SELECT ${MEASURED} FROM tasks WHERE seq > ? ORDER BY seq LIMIT +?`,
  /** tasks_task_id */
  headByTaskId: `SELECT ${MEASURED} FROM tasks WHERE task_id = ? AND task_id IS NOT NULL`,
  headByKey: `SELECT ${MEASURED} FROM tasks WHERE seq IN (?1, ?1 + ${INDEXED_FROM}) AND run IS NULL`,
  /** tasks_ends */
  endedOf: `SELECT ${ENDED} FROM tasks WHERE state = +? AND ends_at IS NOT NULL AND ends_at <= ? ORDER BY ends_at LIMIT +?`,
  /** tasks_ends, the live that have ended, those of one instant after a key. */
  liveEndedAt: `SELECT ${ENDED} FROM tasks WHERE state = ${LIVE} AND ends_at IS NOT NULL AND ends_at = +? AND seq > ?
    ORDER BY seq LIMIT +?`,
  /** tasks_ends, the live that have ended, after an instant. */
  liveEndedAfter: `SELECT ${ENDED} FROM tasks WHERE state = ${LIVE} AND ends_at IS NOT NULL AND ends_at > ? AND ends_at <= ?
    ORDER BY ends_at, seq LIMIT +?`,
  /** tasks_ends */
  firstEndOf: `SELECT min(ends_at) AS endsAt FROM tasks WHERE state = +? AND ends_at IS NOT NULL`,
  giveUpIds: `UPDATE tasks SET task_id = NULL WHERE seq IN ${SEQS}`,
  delete: `DELETE FROM tasks WHERE seq IN ${SEQS}`,
  deleteOne: `DELETE FROM tasks WHERE seq = ?`,
  /** The row stays for its id only, until the dedupe window ends (P10). */
  markDone: `UPDATE tasks SET state = ${DONE}, version = version + 2, visible_at = NULL, ends_at = ?, headers = NULL,
    error = NULL, origin = NULL, past_attempts = NULL, payload = '' WHERE seq IN ${SEQS}`,
  markDead: `UPDATE tasks SET state = ${DEAD}, version = version + 2, attempts = ?1, visible_at = NULL, ends_at = ?2,
    died_at = ?3, error = ?4, past_attempts = ${withAttemptIfAny("?5")} WHERE seq = ?6`,
  /** tasks_ends */
  lastEndOf: `SELECT max(ends_at) AS endsAt FROM tasks WHERE state = +? AND ends_at IS NOT NULL`,
  markFailed: `UPDATE tasks SET version = version + 2, attempts = ?1, visible_at = ?2, error = ?3,
    past_attempts = ${withAttempt("?4")} WHERE seq = ?5`,
  markReleased: `UPDATE tasks SET version = version + 2, visible_at = ?1, past_attempts = ${withAttempt("?2")} WHERE seq = ?3`,
  /** An ordered task keeps its place: no index entry moves. */
  markWaiting: `UPDATE tasks SET version = version + 2, attempts = ?1, retry_at = ?2, error = ?3,
    past_attempts = ${withAttempt("?4")} WHERE seq = ?5`,
  revive: `UPDATE tasks SET state = ${LIVE}, version = version + 1, attempts = 0, visible_at = ?, ends_at = NULL, died_at = NULL,
    retry_at = ? WHERE seq = ?`,
  change: `UPDATE tasks SET version = ?1, attempts = ?2, visible_at = ?3, lane = ?4, priority = ?5, content_type = ?6, headers = ?7,
    error = ?8, cost = ?9, retry_at = ?10, origin = ?11, payload = coalesce(?12, payload),
    past_attempts = ${withAttemptIfAny("?13")} WHERE seq = ?14`,
  /** Without the columns of tasks_ready: a column that is set is an index entry written, whatever its value. */
  changeInPlace: `UPDATE tasks SET version = ?, attempts = ?, content_type = ?, headers = ?, error = ?,
    cost = ?, origin = ?, payload = coalesce(?, payload) WHERE seq = ?`,
  /** The table itself: the last key of a slice of so many rows. */
  seqAfter: `SELECT seq + coalesce(run, 1) - 1 AS lastSeq FROM tasks WHERE seq > ? ORDER BY seq LIMIT 1 OFFSET +?`,
  /** The table itself, a slice of it; what a run still holds is for whoever asks to know. */
  countBetween: `SELECT lane, priority, state, count(*) + coalesce(sum(run - 1), 0) AS tasks,
    count(*) FILTER (WHERE visible_at > ?3) AS delayed, min(visible_at) FILTER (WHERE visible_at > ?3) AS nextAt,
    count(*) FILTER (WHERE retry_at > ?3 AND visible_at <= ?3) AS waiting
    FROM tasks WHERE seq > ?1 AND seq <= ?2 GROUP BY lane, priority, state`,
  /** The table itself, the same part of it. */
  waitingBetween: `SELECT seq, lane, retry_at AS retryAt FROM tasks
    WHERE seq > ?1 AND seq <= ?2 AND retry_at > ?3 AND visible_at <= ?3 LIMIT +?4`,
  /** tasks_ready, one lane and priority, from after an instant to another */
  countVisible: `SELECT count(*) AS n FROM tasks WHERE visible_at IS NOT NULL AND lane = +? AND priority = +?
    AND visible_at > ? AND visible_at <= ?`,
  /** tasks_ready, the first of one lane and priority, in their order. */
  countFirst: `SELECT count(*) AS tasks, count(*) FILTER (WHERE visible_at > ?3 OR retry_at > ?3) AS delayed
    FROM (SELECT visible_at, retry_at FROM tasks WHERE visible_at IS NOT NULL AND lane = +?1 AND priority = +?2
      ORDER BY visible_at LIMIT +?4)`,
  lastPlain: `SELECT seq + coalesce(run, 1) - 1 AS lastSeq FROM tasks WHERE seq < ${INDEXED_FROM} ORDER BY seq DESC LIMIT 1`,
  lastIndexed: `SELECT max(seq) AS lastSeq FROM tasks`,
} as const;
