-- A queue as the schema was before tasks had keys: a run, part of it done; claims; a delayed task, a dead one, one that failed once.
CREATE TABLE schema_version (version INTEGER PRIMARY KEY, applied_at INTEGER NOT NULL);
CREATE TABLE queue (
       id INTEGER PRIMARY KEY CONSTRAINT only_one CHECK (id = 1),
       name TEXT NOT NULL,
       tag TEXT NOT NULL,
       created_at INTEGER NOT NULL,
       deleted_at INTEGER,
       settings TEXT NOT NULL
     , last_key INTEGER NOT NULL DEFAULT 0);
CREATE TABLE tasks (
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
     );
CREATE TABLE settled (seq INTEGER PRIMARY KEY, places TEXT NOT NULL);
CREATE TABLE claims (
       slot INTEGER PRIMARY KEY,
       nonce TEXT NOT NULL,
       claimant TEXT,
       holder TEXT,
       expires_at INTEGER NOT NULL,
       read_to INTEGER NOT NULL,
       last_key INTEGER NOT NULL,
       entries TEXT NOT NULL
     );
CREATE TABLE outbox (
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
     ) WITHOUT ROWID;
CREATE TABLE inbox (sender TEXT PRIMARY KEY, last_seq INTEGER NOT NULL, withdrawn INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
CREATE TABLE documents (
       key TEXT PRIMARY KEY,
       version INTEGER NOT NULL,
       created_at INTEGER NOT NULL,
       updated_at INTEGER NOT NULL,
       value TEXT NOT NULL
     ) WITHOUT ROWID;
CREATE TABLE sent (id INTEGER PRIMARY KEY CONSTRAINT only_one CHECK (id = 1), up_to INTEGER NOT NULL);
CREATE TABLE producers (
       producer TEXT PRIMARY KEY,
       owner TEXT NOT NULL,
       ends_at INTEGER NOT NULL,
       taken_from INTEGER NOT NULL,
       calls TEXT NOT NULL
     ) WITHOUT ROWID;
CREATE INDEX tasks_ready ON tasks (lane, priority, visible_at) WHERE visible_at IS NOT NULL;
CREATE UNIQUE INDEX tasks_task_id ON tasks (task_id) WHERE task_id IS NOT NULL;
CREATE INDEX tasks_ends ON tasks (state, ends_at) WHERE ends_at IS NOT NULL;
CREATE INDEX producers_ends ON producers (owner, ends_at);
INSERT INTO schema_version (version, applied_at) VALUES (1, 1800000000000);
INSERT INTO schema_version (version, applied_at) VALUES (2, 1800000000000);
INSERT INTO schema_version (version, applied_at) VALUES (3, 1800000000000);
INSERT INTO schema_version (version, applied_at) VALUES (4, 1800000000000);
INSERT INTO queue (id, name, tag, created_at, deleted_at, settings, last_key) VALUES (1, 'orders', '00000', 1800000000000, NULL, '{"claimTimeoutMs":30000,"maxAttempts":3,"backoff":{"minMs":1000,"maxMs":3600000,"factor":2,"jitter":0.2},"deadLetterQueue":null,"retentionMs":null,"dedupeMs":300000,"maxBacklog":null,"maxInFlight":120000,"paused":false}', 0);
INSERT INTO tasks (seq, version, attempts, state, visible_at, ends_at, run, lane, priority, task_id, max_attempts, died_at, content_type, headers, error, origin, payload) VALUES (263415398400000, 1, 0, 0, NULL, NULL, 5, 'main', 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '"run-0"
"run-1"
"run-2"
"run-3"
"run-4"');
INSERT INTO tasks (seq, version, attempts, state, visible_at, ends_at, run, lane, priority, task_id, max_attempts, died_at, content_type, headers, error, origin, payload) VALUES (263415398400005, 3, 0, 2, NULL, 1800000300000, NULL, 'main', 0, 'own', NULL, NULL, NULL, NULL, NULL, NULL, '');
INSERT INTO tasks (seq, version, attempts, state, visible_at, ends_at, run, lane, priority, task_id, max_attempts, died_at, content_type, headers, error, origin, payload) VALUES (4767015025770502, 1, 0, 0, 1800000000000, NULL, NULL, 'other', 2, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '"high"');
INSERT INTO tasks (seq, version, attempts, state, visible_at, ends_at, run, lane, priority, task_id, max_attempts, died_at, content_type, headers, error, origin, payload) VALUES (4767015025770503, 1, 0, 0, 1800000060000, NULL, NULL, 'main', 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '"later"');
INSERT INTO tasks (seq, version, attempts, state, visible_at, ends_at, run, lane, priority, task_id, max_attempts, died_at, content_type, headers, error, origin, payload) VALUES (4767015025770504, 3, 1, 1, NULL, 8640000000000000, NULL, 'main', 0, NULL, NULL, 1800000000000, NULL, NULL, 'broke', NULL, '"dies"');
INSERT INTO tasks (seq, version, attempts, state, visible_at, ends_at, run, lane, priority, task_id, max_attempts, died_at, content_type, headers, error, origin, payload) VALUES (4767015025770505, 3, 1, 0, 1800000000000, NULL, NULL, 'main', 0, NULL, NULL, NULL, NULL, NULL, 'once', NULL, '"fails"');
INSERT INTO settled (seq, places) VALUES (263415398400000, '[[1,1]]');
INSERT INTO claims (slot, nonce, claimant, holder, expires_at, read_to, last_key, entries) VALUES (1, '0000000000000001', NULL, NULL, 1800000600000, 263415398400003, 263415398400009, '[[263415398400000,1,null,4]]');
INSERT INTO claims (slot, nonce, claimant, holder, expires_at, read_to, last_key, entries) VALUES (2, '0000000000000002', NULL, NULL, 1800000600000, 263415398400003, 263415398400009, '[[4767015025770502,1]]');
INSERT INTO claims (slot, nonce, claimant, holder, expires_at, read_to, last_key, entries) VALUES (3, '0000000000000003', NULL, NULL, 1800000600000, 263415398400009, 263415398400009, '[[263415398400004,1,null,1],[263415398400005,1],[263415398400008,1,null,2]]');
INSERT INTO sent (id, up_to) VALUES (1, 263415399448576);
