// Whatever a database holds, each statement on it is bounded: it has a LIMIT and passes over no other rows, or finds rows by their
// keys, one or those of a list whose length the caller bounds; or it is in the list below, with the bound that holds instead, and why.

import { readdirSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { Grant } from "../../src/api/grant.ts";
import { LIMITS } from "../../src/core/limits.ts";
import { ListedQueues } from "../../src/object/listed-queues.ts";
import { ReportedQueues } from "../../src/object/reported-queues.ts";
import { RevokedTokens } from "../../src/object/revoked-tokens.ts";
import { RewindsUnderWay } from "../../src/object/rewinds-under-way.ts";
import { AsideTables } from "../../src/store/aside-tables.ts";
import { CLAIM_SQL } from "../../src/store/claim-statements.ts";
import { DOCUMENT_SQL } from "../../src/store/document-statements.ts";
import { HISTORY_SQL } from "../../src/store/history-statements.ts";
import { INBOX_SQL } from "../../src/store/inbox-statements.ts";
import { KEY_SQL } from "../../src/store/key-statements.ts";
import { migrate } from "../../src/store/migrations.ts";
import { OUTBOX_SQL } from "../../src/store/outbox-statements.ts";
import { PRODUCER_SQL } from "../../src/store/producer-statements.ts";
import { QUEUE_SQL } from "../../src/store/queue-statements.ts";
import { SETTLED_SQL } from "../../src/store/settled-statements.ts";
import { TASK_SQL } from "../../src/store/task-sql.ts";
import { MemorySql } from "../../src/testing/memory-sql.ts";
import { ack, claimOne, enqueue, expectKind, task } from "../contract/builders.ts";
import { exported, imported } from "../contract/transfer-builders.ts";
import { MemoryQueue } from "../node/memory-queue.ts";

const CATALOGS = {
  CLAIM_SQL,
  DOCUMENT_SQL,
  HISTORY_SQL,
  INBOX_SQL,
  KEY_SQL,
  OUTBOX_SQL,
  PRODUCER_SQL,
  QUEUE_SQL,
  SETTLED_SQL,
  TASK_SQL,
};

/** By the statement's name, or the beginning of its text. */
const BOUNDED_OTHERWISE: Readonly<Record<string, string>> = {
  "CLAIM_SQL.all": "claims in flight (120,000) and the rows that rest for rates, once at a wake (P12)",
  "CLAIM_SQL.liveEntries": "the same",
  "CLAIM_SQL.runEntries": "the same",
  "CLAIM_SQL.ackedRows": "the same; at most 4,096 acked rows are yet to go",
  "CLAIM_SQL.forgetHolders": "the same, when a queue was put back",
  "CLAIM_SQL.deleteAll": "the same; without a WHERE SQLite frees pages, not rows",
  "SETTLED_SQL.deleteAll":
    "a row of some ten bytes for each run that was begun; without a WHERE SQLite frees pages, not rows",
  "SETTLED_SQL.between": "the runs of a slice of tasks that is counted: 10,000 rows",
  "HISTORY_SQL.between": "the ring: 10,080 minutes",
  "HISTORY_SQL.newestUpTo": "the ring",
  "HISTORY_SQL.newestFrom": "the ring",
  "HISTORY_SQL.newest": "the ring",
  "KEY_SQL.deleteRested": "a part of the table that keyAfter measured",
  "KEY_SQL.deleteLastRested": "the last part, shorter than one that keyAfter would find",
  "KEY_SQL.deletePurged": "a part of the table that sizesAfter measured",
  "KEY_SQL.unblockPurged": "the same",
  "OUTBOX_SQL.sizesFor": "passes over parked messages: there are at most 40,000 messages",
  "OUTBOX_SQL.parkedAfter": "passes over messages that are not parked: the same",
  "OUTBOX_SQL.pendingUpTo": "up to a number that sizesFor found: 100 messages, a megabyte",
  "OUTBOX_SQL.deleteUpTo": "those that were sent in one call: 100",
  "OUTBOX_SQL.count": "40,000 messages, once at a wake",
  "OUTBOX_SQL.lastSeq": "40,000 messages, in a database of an earlier version",
  "PRODUCER_SQL.firstEnd": "a probe for each owner: 50,000 producers, some 40 ms",
  "PRODUCER_SQL.countByOwner": "50,000 producers, once at a wake",
  "TASK_SQL.plainFrom":
    "passes over what came in order and is plain no more, once after a wake: 0.05 s for a million rows in memory",
  "TASK_SQL.indexedAt": "a LIMIT in each of its two parts",
  "TASK_SQL.ahead": "a LIMIT for each of the keys that are asked about: 256",
  "TASK_SQL.aheadAt": "the same",
  "TASK_SQL.countFirst": "a LIMIT in its subquery",
  "CLAIM_SQL.forgetCharges": "one of claim calls' rows: 120,000 claims in flight, when a rate is changed",
  "TASK_SQL.countBetween": "a slice that seqAfter measured: 10,000 rows",
  "TASK_SQL.waitingBetween": "the same",
  "TASK_SQL.countVisible":
    "delayed tasks of one lane that have become visible together: 0.05 s for a million in memory",
  "TASK_SQL.firstEndOf": "the first entry of an index",
  "TASK_SQL.lastEndOf": "the last entry of an index",
  "TASK_SQL.lastIndexed": "the last entry of the table",
  "SELECT coalesce(max(version), 0) AS version FROM schema_version": "the last entry of a table, a row a step",
  "SELECT min(deleted_at)": "the first entry of an index",
  "SELECT coalesce(max(seq), 0) AS last FROM revoked_tokens": "the last entry of the table",
  "SELECT count(*) AS count FROM revoked_tokens": "10,000 tokens",
  "SELECT seq, id, expires_at AS expiresAt FROM revoked_tokens WHERE seq > ?": "passes over expired ones of 10,000",
  "DELETE FROM revoked_tokens WHERE expires_at <= ?": "10,000 tokens",
  "SELECT min(due_at) AS dueAt FROM rewinds": "queues that were put back within a minute",
  "SELECT name, coalesce(times, 1) AS times FROM rewinds": "the same",
  "INSERT INTO deleted_queues SELECT name": "once, in a directory of an earlier version",
  "DELETE FROM queues WHERE created_at IS NULL": "the same",
  "SELECT name FROM sqlite_master": "tables and indexes: few, since those that are set aside are (LIMITS.tablesAside)",
  "SELECT type, name, sql FROM sqlite_master": "the same",
  "SELECT 1 FROM sqlite_master": "the same",
  "INSERT OR IGNORE INTO tasks": "a slice with a LIMIT",
  "INSERT INTO outbox (receiver, seq, kind, created_at, attempts": "the same",
};

/** What makes or changes tables costs by itself, see `ScanShare.remade`. */
const IS_DATA = /^(SELECT|INSERT|UPDATE|DELETE|WITH)/;
/** Tables of one row, by their own CHECK, or of one for each step of the schema. */
const ONE_ROW = /^SCAN (queue|sent|export_state|import_state|import_sent|import_queue|schema_version)$/;
const BY_KEY =
  /^SEARCH \w+ USING (INTEGER PRIMARY KEY \(rowid=\?\)|PRIMARY KEY \(\w+=\?( AND seq=\?)?\)|(COVERING )?INDEX (tasks_task_id\w* \(task_id=\?\)|sqlite_autoindex\w+ \(\w+=\?\)))( LEFT-JOIN)?$/;
/** What makes no rows of its own: a list given as JSON, and the frames of subqueries. */
const FRAME =
  /VIRTUAL TABLE|CONSTANT ROW|SUBQUERY|^(LIST|MULTI-INDEX OR|COMPOUND|UNION ALL|LEFT-MOST|SETUP|RECURSIVE STEP|CO-ROUTINE|SCAN (name|o)$)/;

let sql: MemorySql;
const prepared = new Map<string, string>();

beforeAll(async () => {
  for (const [catalog, statements] of Object.entries(CATALOGS)) {
    for (const [name, statement] of Object.entries(statements)) prepared.set(statement, `${catalog}.${name}`);
  }
  for (const statement of await runOthers()) {
    const text = statement.replaceAll(/\baside_\d+_/g, "aside_1_").trim();
    if (!prepared.has(text)) prepared.set(text, text.replaceAll(/\s+/g, " "));
  }
  sql = new MemorySql();
  migrate(sql, 0);
  openDirectory(sql);
  const aside = new AsideTables(sql);
  const named = new Set(Array.from(prepared.keys()).flatMap((text) => text.match(/\b(aside_1_\w+|import_\w+)/g) ?? []));
  for (const name of named) {
    const [of] = /[a-z]+$/.exec(name) ?? [""];
    if (name === "import_state") sql.run("CREATE TABLE import_state (id, export, head, records, touched_at)");
    else aside.makeLike(of, name);
  }
  sql.run("CREATE TABLE export_state (id INTEGER PRIMARY KEY, export, page, at, next, touched_at)");
  sql.run("CREATE TABLE export_log (n INTEGER PRIMARY KEY, of, key)");
});

afterAll(() => vi.restoreAllMocks());

function openDirectory(on: MemorySql): [ListedQueues, ReportedQueues, RevokedTokens, RewindsUnderWay] {
  return [new ListedQueues(on, 0), new ReportedQueues(on), new RevokedTokens(on), new RewindsUnderWay(on)];
}

const GRANT = { queues: ["*"], can: ["browse"] } as unknown as Grant;

/** Runs whatever makes statements of its own, and answers with them. */
async function runOthers(): Promise<string[]> {
  const spies = (["all", "lists", "run"] as const).map((name) => vi.spyOn(MemorySql.prototype, name));
  const queue = new MemoryQueue();
  queue.deliver = () => Promise.reject(new Error("nobody is there"));
  await enqueue(queue, task(1, { id: "done" }), task(2, { id: "kept" }));
  await ack(queue, await claimOne(queue));
  const whole = await exported(queue, async () => void (await enqueue(queue, task("meanwhile"))));
  const other = new MemoryQueue(queue.name);
  expectKind(await imported(other, whole, { replace: true }), "imported");
  const gone = { table: "tasks", gone: [1] };
  await other.operate("importQueue", { head: whole.head, at: 0, records: [gone], isLast: false, replace: true });
  await other.restart();
  await enqueue(other, task(3, { id: "done" }));
  await Promise.all([other.operate("purge", null), enqueue(other, task(4, { id: "done" }))]);
  await other.operate("deleteQueue", null);
  await enqueue(other, task(5));
  const [listed, reported, revoked, rewinds] = openDirectory(new MemorySql());
  const message = { seq: 1, kind: "register", body: `{"name":"a","createdAt":1,"timesPutBack":1}`, payload: null };
  listed.heard("a", message, 1);
  listed.heard("b", { ...message, kind: "unregister" }, 1);
  listed.after("", 10);
  listed.forget(1);
  listed.nextForgottenAt();
  const report = { life: "x", number: 1, createdAt: 1, totals: {}, durations: {}, stats: null } as never;
  listed.isOfDeleted("a", report);
  reported.keep("a", report, 1);
  reported.keep("a", { ...(report as object), number: 2 } as never, 2);
  reported.byTrouble(null, 10, { grant: GRANT, find: "" }, 1);
  reported.forget("a");
  for (const end of [1, 2]) revoked.add("token", end, 0);
  for (let token = 0; token < LIMITS.revokedTokens; token += 1) revoked.add(`token ${token}`, 1, 0);
  revoked.since(0, 10, 0);
  rewinds.begins("a", 1);
  rewinds.registered("a", message.body);
  rewinds.nextAt();
  rewinds.overdue(1);
  const statements = spies.flatMap(({ mock }) => mock.calls.map(([statement]) => statement));
  for (const spy of spies) spy.mockRestore();
  return statements;
}

function planOf(statement: string): string[] {
  const numbers = new Set(statement.match(/\?\d+/g));
  const count = numbers.size > 0 ? numbers.size : [...statement.matchAll(/\?/g)].length;
  const details = sql.all(`EXPLAIN QUERY PLAN ${statement}`, ...Array.from({ length: count }, () => 0));
  return details.map(({ detail }) => detail as string).filter((detail) => !FRAME.test(detail));
}

/** Columns that decide whether a row counts, and that the search does not go by. */
function passedOver(statement: string, plan: readonly string[]): string[] {
  const where = /\bWHERE\b(.*)/s.exec(statement)?.[1] ?? "";
  const compared = [...where.matchAll(/([a-z_]+) (?:=|<>|[<>]=?|IS NULL|BETWEEN|IN)/g)].map(
    ([, column = ""]) => column,
  );
  const searched = plan.join(" ").replaceAll(/rowid(.)\?/g, "seq$1 n$1 place$1");
  return compared.filter((column) => !new RegExp(String.raw`\b${column}[=<>,)]`).test(searched));
}

function isBounded(statement: string): boolean {
  if (/^INSERT\b[^;]*\bVALUES\b/.test(statement)) return true;
  const plan = planOf(statement);
  // SQLite empties a table without a plan.
  if (/^DELETE(?!.*\bWHERE\b)/s.test(statement)) return false;
  if (plan.every((detail) => ONE_ROW.test(detail) || BY_KEY.test(detail))) return true;
  const hasLimit = /LIMIT (\+?\?\d?|\d+)( OFFSET (\+?\?|1))?\)?$/.test(statement);
  return hasLimit && !plan.join().includes("TEMP B-TREE") && passedOver(statement, plan).length === 0;
}

/** A statement of no catalog goes by the beginning of its text. */
const isNamed = (name: string, listed: string): boolean =>
  name === listed || (listed.includes(" ") && name.startsWith(listed));

function reasonOf(name: string): string | undefined {
  return Object.entries(BOUNDED_OTHERWISE).find(([listed]) => isNamed(name, listed))?.[1];
}

const unbounded = (): string[] =>
  [...prepared].filter(([statement]) => IS_DATA.test(statement) && !isBounded(statement)).map(([, name]) => name);

test("each has a LIMIT, or finds by keys, or says what bounds it", () => {
  expect(unbounded().filter((name) => reasonOf(name) === undefined)).toEqual([]);
});

/** What stands between the values that are put in of a statement in the source. */
function textsIn(file: string): string[][] {
  const found = readFileSync(file, "utf8").matchAll(/[`"]((?:SELECT|INSERT|UPDATE|DELETE|WITH)\s[^`"]*)[`"]/g);
  return [...found].map(([, text = ""]) =>
    text.split(/\$\{[^}]*\}?/).map((part) => part.replaceAll(/\s+/g, " ").trim()),
  );
}

test("none in the source is unknown here", () => {
  const known = [...prepared.keys()].map((statement) => statement.replaceAll(/\s+/g, " "));
  const isKnown = (parts: readonly string[]): boolean =>
    known.some((statement) => {
      let at = 0;
      return parts.every((part) => (at = statement.indexOf(part, at)) >= 0);
    });
  const files = ["store", "object", "queue"].flatMap((folder) =>
    readdirSync(`src/${folder}`, { recursive: true, encoding: "utf8" }).map((name) => `src/${folder}/${name}`),
  );
  const unknown = files
    .filter((file) => file.endsWith(".ts"))
    .flatMap((file) =>
      textsIn(file)
        .filter((parts) => !isKnown(parts))
        .map((parts) => `${file}: ${parts.join(" … ")}`),
    );
  expect(unknown).toEqual([]);
});

test("those that are listed still need to be", () => {
  const names = unbounded();
  const needed = (listed: string): boolean => names.some((name) => isNamed(name, listed));
  expect(Object.keys(BOUNDED_OTHERWISE).filter((listed) => !needed(listed))).toEqual([]);
});
