// Claim and sweep never scan: which index each statement stands on, as SQLite itself plans it.

import { expect, test } from "vitest";
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

function planOf(statement: string): string[] {
  const sql = new MemorySql();
  migrate(sql, 0);
  const numbers = new Set(statement.match(/\?\d/g));
  const parameters = numbers.size > 0 ? [...numbers] : Array.from(statement.matchAll(/\?/g));
  const numbered = parameters.map(() => 0);
  return sql
    .all(`EXPLAIN QUERY PLAN ${statement}`, ...numbered)
    .map(({ detail }) => detail as string)
    .filter((detail) => !/json_each|VIRTUAL TABLE|LIST SUBQUERY|SCALAR SUBQUERY/.test(detail));
}

const ROWID = (bounds: string): string => `SEARCH tasks USING INTEGER PRIMARY KEY (${bounds})`;

test.each([
  ["plainFrom", ROWID("rowid>? AND rowid<?")],
  ["rowAt", ROWID("rowid>? AND rowid<?")],
  ["byKey", ROWID("rowid=?")],
  ["indexedAfter", "SEARCH tasks USING INDEX tasks_ready (lane=? AND priority=? AND visible_at>? AND visible_at<?)"],
  ["deadAt", "SEARCH tasks USING INDEX tasks_ends (state=? AND ends_at=? AND rowid>?)"],
  ["deadAfter", "SEARCH tasks USING INDEX tasks_ends (state=? AND ends_at>?)"],
  ["headsAfter", ROWID("rowid>?")],
  ["headByKey", ROWID("rowid=?")],
  ["headByTaskId", "SEARCH tasks USING INDEX tasks_task_id (task_id=?)"],
  ["firstVisibleFrom", "SEARCH tasks USING COVERING INDEX tasks_ready (lane=? AND priority=? AND visible_at>?)"],
  ["nextPriority", "SEARCH tasks USING COVERING INDEX tasks_ready (lane=? AND priority>?)"],
  ["nextLane", "SEARCH tasks USING COVERING INDEX tasks_ready (lane>?)"],
  ["bySeqs", ROWID("rowid=?")],
  ["wholeAt", ROWID("rowid=?")],
  ["byTaskId", "SEARCH tasks USING INDEX tasks_task_id (task_id=?)"],
  ["byTaskIds", "SEARCH tasks USING INDEX tasks_task_id (task_id=?)"],
  ["sightingsFrom", ROWID("rowid>?")],
  ["sightings", ROWID("rowid=?")],
  ["deadSightingsAt", "SEARCH tasks USING INDEX tasks_ends (state=? AND ends_at=? AND rowid>?)"],
  ["deadSightingsAfter", "SEARCH tasks USING INDEX tasks_ends (state=? AND ends_at>?)"],
  ["liveEndedAt", "SEARCH tasks USING INDEX tasks_ends (state=? AND ends_at=? AND rowid>?)"],
  ["liveEndedAfter", "SEARCH tasks USING INDEX tasks_ends (state=? AND ends_at>? AND ends_at<?)"],
  ["endedOf", "SEARCH tasks USING INDEX tasks_ends (state=? AND ends_at>? AND ends_at<?)"],
  ["firstEndOf", "SEARCH tasks USING COVERING INDEX tasks_ends (state=? AND ends_at>?)"],
  [
    "countVisible",
    "SEARCH tasks USING COVERING INDEX tasks_ready (lane=? AND priority=? AND visible_at>? AND visible_at<?)",
  ],
  ["nextLaneBefore", "SEARCH tasks USING COVERING INDEX tasks_ready (lane>? AND lane<?)"],
  ["delete", ROWID("rowid=?")],
  ["lastPlain", ROWID("rowid<?")],
] as const)("%s reads nothing but what it returns", (name, plan) => {
  expect(planOf(TASK_SQL[name])).toEqual([plan]);
});

const STATEMENTS = Object.entries({
  ...CLAIM_SQL,
  ...DOCUMENT_SQL,
  ...HISTORY_SQL,
  ...INBOX_SQL,
  ...KEY_SQL,
  ...OUTBOX_SQL,
  ...PRODUCER_SQL,
  ...QUEUE_SQL,
  ...SETTLED_SQL,
  ...TASK_SQL,
});

test("no statement sorts: a name that a result shares with a column orders by the result", () => {
  // The one reads a ring of a week, when nothing was written in it.
  expect(
    STATEMENTS.filter(([, statement]) => planOf(statement).join().includes("FOR ORDER BY")).map(([name]) => name),
  ).toEqual(["newest"]);
});

test("no statement is planned by the value of a parameter, for which SQLite would parse it anew at each run", () => {
  const byLimit = /\b(LIMIT|OFFSET) \?/;
  const byShared = /^SELECT.*\b(lane|priority|state|visible_at|ends_at|owner|receiver) = \?/s;
  const planned = STATEMENTS.filter(([, statement]) => byLimit.test(statement) || byShared.test(statement));
  expect(planned.map(([name]) => name)).toEqual([]);
});

test("the names of keys are found by one probe a lane, and the first tasks of a level in the index's order", () => {
  const searches = planOf(KEY_SQL.namesAfter).filter((detail) => /^(SEARCH|SCAN) [tk]\b/.test(detail));
  expect(searches).toEqual([
    "SEARCH t USING COVERING INDEX tasks_ready (lane>? AND lane<?)",
    "SEARCH k USING PRIMARY KEY (key>?)",
  ]);
  expect(planOf(TASK_SQL.countFirst)).toContain(
    "SEARCH tasks USING INDEX tasks_ready (lane=? AND priority=? AND visible_at>?)",
  );
});

test("where keys' next tasks stand is found by one search of the index for each, and without their rows", () => {
  for (const statement of [TASK_SQL.ahead, TASK_SQL.aheadAt]) {
    const searches = planOf(statement).filter((detail) => detail.includes("tasks"));
    expect(searches.length).toBeGreaterThan(0);
    for (const search of searches)
      expect(search).toMatch(/COVERING INDEX tasks_ready \(lane=\? AND priority=\? AND visible_at[>=]/);
  }
});

test("tasks of one instant are read from within it, in each of the two ranges", () => {
  const search = "SEARCH tasks USING INDEX tasks_ready (lane=? AND priority=? AND visible_at=? AND rowid>?";
  const searches = planOf(TASK_SQL.indexedAt).filter((detail) => detail.includes("tasks"));
  expect(searches).toEqual([`${search} AND rowid<?)`, `${search})`]);
});

test("waking finds the claimed tasks by their keys, one search each", () => {
  expect(planOf(CLAIM_SQL.liveEntries)).toEqual(["SCAN c", "SEARCH t USING INTEGER PRIMARY KEY (rowid=?)"]);
});

test("the outbox is read in its own order, receiver by receiver", () => {
  expect(planOf(OUTBOX_SQL.receiverAfter)).toEqual(["SEARCH outbox USING PRIMARY KEY (receiver>?)"]);
  expect(planOf(OUTBOX_SQL.sizesFor)).toEqual(["SEARCH outbox USING PRIMARY KEY (receiver=? AND seq>?)"]);
  expect(planOf(OUTBOX_SQL.pendingUpTo)).toEqual(["SEARCH outbox USING PRIMARY KEY (receiver=? AND seq>? AND seq<?)"]);
  expect(planOf(OUTBOX_SQL.page)).toEqual(["SEARCH outbox USING PRIMARY KEY ((receiver,seq)>(?,?))"]);
  expect(planOf(OUTBOX_SQL.deleteUpTo)).toEqual(["SEARCH outbox USING PRIMARY KEY (receiver=? AND seq>? AND seq<?)"]);
});

test("documents are listed in their own order, from the prefix on", () => {
  expect(planOf(DOCUMENT_SQL.page)).toEqual(["SEARCH documents USING PRIMARY KEY (key>? AND key<?)"]);
  expect(planOf(DOCUMENT_SQL.versions)).toEqual(["SEARCH documents USING PRIMARY KEY (key=?)"]);
});

test("producers are found by their names, and by owner those that are forgotten first", () => {
  const index = "producers USING COVERING INDEX producers_ends";
  expect(planOf(PRODUCER_SQL.get)).toEqual(["SEARCH producers USING PRIMARY KEY (producer=?)"]);
  expect(planOf(PRODUCER_SQL.setCalls)).toEqual(["SEARCH producers USING PRIMARY KEY (producer=?)"]);
  for (const statement of [PRODUCER_SQL.firstEnd, PRODUCER_SQL.ended]) {
    const searches = planOf(statement).filter((detail) => /producers/.test(detail));
    expect(new Set(searches)).toEqual(
      new Set([`SEARCH ${index}`, `SEARCH ${index} (owner>?)`, `SEARCH ${index} (owner=?)`]),
    );
  }
  expect(planOf(PRODUCER_SQL.firstOf)).toEqual([`SEARCH ${index} (owner=? AND ends_at<?)`]);
  expect(planOf(PRODUCER_SQL.countByOwner)).toEqual([`SCAN ${index}`]);
});
