// The schema, as the list of steps that led to it. Append only: a step that has shipped is never edited.

import type { Sql } from "./sql.ts";

const STEPS: readonly (readonly string[])[] = [
  [
    // One row. `deleted_at` outlives the tasks, so that a deleted queue can refuse what other queues still send it.
    `CREATE TABLE queue (
       id INTEGER PRIMARY KEY CONSTRAINT only_one CHECK (id = 1),
       name TEXT NOT NULL,
       tag TEXT NOT NULL,
       created_at INTEGER NOT NULL,
       deleted_at INTEGER,
       settings TEXT NOT NULL
     )`,
    // A plain task is a seq and a payload and is in no index. state: 0 live, 1 dead, 2 done (its id is remembered).
    // A run is several plain tasks in one row, those of the keys seq to seq + run - 1, their payloads one to a line.
    // The payload is last: SQLite reads the columns before it without touching its overflow pages.
    `CREATE TABLE tasks (
       seq INTEGER PRIMARY KEY,
       version INTEGER NOT NULL DEFAULT 1,
       attempts INTEGER NOT NULL DEFAULT 0,
       state INTEGER NOT NULL DEFAULT 0 CONSTRAINT known_state CHECK (state IN (0, 1, 2)),
       visible_at INTEGER,
       ends_at INTEGER,
       run INTEGER,
       lane TEXT NOT NULL DEFAULT 'main',
       priority INTEGER NOT NULL DEFAULT 0,
       task_id TEXT,
       max_attempts INTEGER,
       died_at INTEGER,
       content_type TEXT,
       headers TEXT,
       error TEXT,
       origin TEXT,
       payload NOT NULL,
       CONSTRAINT offered_through_index CHECK (visible_at IS NOT NULL OR state <> 0 OR (lane = 'main' AND priority = 0)),
       CONSTRAINT only_live_is_offered CHECK (visible_at IS NULL OR state = 0),
       CONSTRAINT runs_are_plain CHECK (run IS NULL OR (run > 1 AND state = 0 AND visible_at IS NULL AND task_id IS NULL))
     )`,
    // Which tasks of a run are done before all of them are: JSON [[first, last], ...], places in the run.
    `CREATE TABLE settled (seq INTEGER PRIMARY KEY, places TEXT NOT NULL)`,
    // In the order of offer, the delayed after the ready. The row's key ends every index entry, so ties fall in seq order.
    `CREATE INDEX tasks_ready ON tasks (lane, priority, visible_at) WHERE visible_at IS NOT NULL`,
    `CREATE UNIQUE INDEX tasks_task_id ON tasks (task_id) WHERE task_id IS NOT NULL`,
    // When a row is to go: a live task's TTL, a dead task's retention, a remembered id's dedupe window.
    `CREATE INDEX tasks_ends ON tasks (state, ends_at) WHERE ends_at IS NOT NULL`,
    // One row per claim call. holder: the socket that holds it, if one does. entries: JSON [[seq, version, expiresAt?, run?], ...]; read_to: the plain tasks up to here were all
    // claimed once; last_key: the last key given out, so that an entry can never come to name a later task.
    `CREATE TABLE claims (
       slot INTEGER PRIMARY KEY,
       nonce TEXT NOT NULL,
       claimant TEXT,
       holder TEXT,
       expires_at INTEGER NOT NULL,
       read_to INTEGER NOT NULL,
       last_key INTEGER NOT NULL,
       entries TEXT NOT NULL
     )`,
    // What is to leave this object, in order for each receiver. One tree and no index: a row in, a row out.
    `CREATE TABLE outbox (
       receiver TEXT NOT NULL,
       seq INTEGER NOT NULL,
       kind TEXT NOT NULL,
       created_at INTEGER NOT NULL,
       attempts INTEGER NOT NULL DEFAULT 0,
       parked INTEGER NOT NULL DEFAULT 0,
       error TEXT,
       body TEXT NOT NULL,
       payload,
       PRIMARY KEY (receiver, seq)
     ) WITHOUT ROWID`,
    // The last message taken from each sender: what makes a repeated delivery harmless (P9).
    `CREATE TABLE inbox (sender TEXT PRIMARY KEY, last_seq INTEGER NOT NULL) WITHOUT ROWID`,
  ],
  [
    // Small JSON values beside the tasks, changed in the same transaction. One tree and no index: a write is one row.
    `CREATE TABLE documents (
       key TEXT PRIMARY KEY,
       version INTEGER NOT NULL,
       created_at INTEGER NOT NULL,
       updated_at INTEGER NOT NULL,
       value TEXT NOT NULL
     ) WITHOUT ROWID`,
    // Numbers up to here may have been sent: a new instance goes on above them, whatever its clock says (P9).
    `CREATE TABLE sent (id INTEGER PRIMARY KEY CONSTRAINT only_one CHECK (id = 1), up_to INTEGER NOT NULL)`,
    // The last message that its sender took back: it was not taken before, and never will be (P9).
    `ALTER TABLE inbox ADD COLUMN withdrawn INTEGER NOT NULL DEFAULT 0`,
  ],
  [
    // Keys up to here may have been given out although no row has them any more: a new instance goes on above them.
    `ALTER TABLE queue ADD COLUMN last_key INTEGER NOT NULL DEFAULT 0`,
  ],
  [
    // One row per producer: the calls it has made and what each was answered, JSON [[number, fingerprint, answer], ...]. Those
    // below taken_from have left the window. The index is in no column that a call changes: a call writes one row.
    `CREATE TABLE producers (
       producer TEXT PRIMARY KEY,
       owner TEXT NOT NULL,
       ends_at INTEGER NOT NULL,
       taken_from INTEGER NOT NULL,
       calls TEXT NOT NULL
     ) WITHOUT ROWID`,
    // Whose producers are forgotten next.
    `CREATE INDEX producers_ends ON producers (owner, ends_at)`,
  ],
  [
    // What an attempt takes of its key's rate; until when an ordered task's retry waits, in its old place.
    `ALTER TABLE tasks ADD COLUMN cost INTEGER`,
    `ALTER TABLE tasks ADD COLUMN retry_at INTEGER`,
    // JSON [[key, theoretical instant], ...] of the keys that the call took tasks of, and the queue's own: exact over crashes.
    `ALTER TABLE claims ADD COLUMN charged TEXT`,
    `ALTER TABLE claims ADD COLUMN rate_at REAL NOT NULL DEFAULT 0`,
    // What is set for one key, until when it rests, and JSON [id, ...] of the dead tasks that block it.
    `CREATE TABLE keys (
       key TEXT PRIMARY KEY,
       override TEXT NOT NULL,
       rests_until INTEGER NOT NULL,
       blocked_by TEXT NOT NULL
     ) WITHOUT ROWID`,
  ],
  [
    // JSON [{tag, upTo}, ...]: the lives that the database had before it was imported, whose ids its tasks keep.
    `ALTER TABLE queue ADD COLUMN former TEXT NOT NULL DEFAULT '[]'`,
  ],
  [
    // A ring of minutes: each takes the place of the one a week before it. sample: JSON, what happened in that minute.
    `CREATE TABLE history (
       place INTEGER PRIMARY KEY,
       minute INTEGER NOT NULL,
       sample TEXT NOT NULL
     )`,
    // Since when a claim is held; null in rows of earlier versions.
    `ALTER TABLE claims ADD COLUMN claimed_at INTEGER`,
  ],
  [
    // JSON [[attempt, readyAt, claimedAt, claimant, endedAt, outcome, error], ...]: the last attempts that ended while the task
    // was kept. Written with the row that such an end writes anyway.
    `ALTER TABLE tasks ADD COLUMN past_attempts TEXT`,
  ],
  [
    // JSON [number, ...]: messages that their sender took back before the last one, the newest first. A sender that was put back to an
    // earlier moment sends them again, and must not be answered that they were taken.
    `ALTER TABLE inbox ADD COLUMN withdrawn_before TEXT NOT NULL DEFAULT '[]'`,
  ],
  [
    // JSON [seq, ...] of tasks that were acked by then, and whose rows may still be there: they are not offered again.
    `ALTER TABLE claims ADD COLUMN acked TEXT`,
  ],
  // From here on producers.calls also has [number, [fingerprint, ...], answer, step] for calls that follow one another, which an
  // earlier version would not understand.
  [],
  [
    // A purge unblocks all keys, however many: blocked_by counts if its row says as many purges as the queue's. Up to purges_swept the
    // rows of keys have been looked through for what counts no longer.
    `ALTER TABLE queue ADD COLUMN purges INTEGER NOT NULL DEFAULT 0`,
    `ALTER TABLE queue ADD COLUMN purges_swept INTEGER NOT NULL DEFAULT 0`,
    `ALTER TABLE keys ADD COLUMN purges INTEGER NOT NULL DEFAULT 0`,
  ],
  [
    // Of the calls, 4 bytes each, which are [number, how many, answer, step] from here on; null: they are in calls still.
    `ALTER TABLE producers ADD COLUMN fingerprints BLOB`,
  ],
];

/** Is there once the first write has made the schema: an object that was only looked at stores nothing. */
export const SCHEMA_TABLE = "schema_version";

export function tableNames(sql: Sql): string[] {
  const rows = sql.all(`SELECT name FROM sqlite_master WHERE type = 'table'`) as unknown as { readonly name: string }[];
  return rows.map(({ name }) => name);
}

/** How many steps the database has taken, which has the record of them. */
export function schemaOf(sql: Sql): number {
  const [row] = sql.all(`SELECT coalesce(max(version), 0) AS version FROM schema_version`);
  return Number(row?.["version"]);
}

/** How many steps the newest schema has taken. */
export function newestSchema(): number {
  return STEPS.length;
}

/**
 * Brings the database to the newest schema, each step in one transaction with its record. Repeating it does nothing.
 *
 * @throws for a database of a newer schema, untouched
 */
export function migrate(sql: Sql, now: number, steps: readonly (readonly string[])[] = STEPS): void {
  sql.run(`CREATE TABLE IF NOT EXISTS schema_version (version INTEGER PRIMARY KEY, applied_at INTEGER NOT NULL)`);
  const reached = schemaOf(sql);
  // What a later version has made of it this one would not understand: it is left as it is.
  if (reached > steps.length) {
    throw new Error(`the database has schema ${reached}, made by a later version; this one knows ${steps.length}`);
  }
  for (const [index, statements] of steps.entries()) {
    const version = index + 1;
    if (version <= reached) continue;
    sql.transaction(() => {
      if (version > 1) addHolder(sql);
      for (const statement of statements) sql.run(statement);
      sql.run(`INSERT INTO schema_version (version, applied_at) VALUES (?, ?)`, version, now);
    });
  }
}

/** The first step got this column when it was followed by others already, so the oldest databases lack it. */
function addHolder(sql: Sql): void {
  const [found] = sql.all(
    `SELECT count(*) AS claims, sum(name = 'holder') AS holders FROM pragma_table_info('claims')`,
  );
  if (Number(found?.["claims"]) > 0 && Number(found?.["holders"]) === 0)
    sql.run(`ALTER TABLE claims ADD COLUMN holder TEXT`);
}
