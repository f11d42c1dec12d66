// An import may say anything. What a queue could not be read from afterwards, or what would keep the server busy or fill its memory, is
// refused with the record at fault, and nothing of the queue changes.

import { expect, test } from "vitest";
import { api, type QueueApi } from "../workers/api.ts";
import { expectInvalid, expectProblem } from "../workers/problem.ts";

interface ExportPage {
  readonly head: object;
  readonly records: { readonly table: string; row?: Record<string, unknown> }[];
  readonly isLast: boolean;
  readonly cursor: string | null;
}

async function exported(queue: QueueApi): Promise<ExportPage> {
  const { body } = await queue.send("POST", "/export", {});
  const page = body as unknown as ExportPage;
  expect(page.isLast).toBe(true);
  return page;
}

/** A queue with a row in most tables, and claims and a run under way. */
async function full(): Promise<QueueApi> {
  const queue = api();
  await queue.configure({ dedupeMs: 60_000 });
  await queue.enqueueAll(Array.from({ length: 10 }, (_, n) => ({ payload: n })));
  await queue.enqueueAll([{ payload: "k", key: "k" }]);
  const [first] = await queue.claim({ max: 3 });
  await queue.ack(first?.claim ?? "");
  await queue.send("POST", "/reincarnate", {});
  await queue.send("PUT", "/keys/k", { paused: true });
  await queue.send("PUT", "/documents/d", { value: 1 });
  await queue.send("POST", "/tasks", { payload: "p", call: { producer: "0123456789abcdef", number: 1 } });
  return queue;
}

const BEYOND = Number.MAX_SAFE_INTEGER;

test.each([
  ["settled", "places", "[[0,9007199254740991]]", "places"],
  ["settled", "places", "[[-5,3]]", "places"],
  ["settled", "places", "[[null,3]]", "places"],
  ["tasks", "run", 999_999_999, "run"],
  ["tasks", "run", 50, "payload"],
  ["tasks", "seq", BEYOND, "seq"],
  ["tasks", "version", BEYOND, "version"],
  ["claims", "slot", 2 ** 31, "slot"],
  ["claims", "read_to", BEYOND, "read_to"],
  ["claims", "last_key", 2 ** 52, "last_key"],
  ["queue", "last_key", BEYOND, "last_key"],
  ["queue", "created_at", BEYOND, "created_at"],
  ["queue", "former", "[null]", "former"],
  ["queue", "former", '[{"tag":"no tag","upTo":5}]', "former"],
  ["queue", "former", '[{"tag":"abcde","upTo":"5"}]', "former"],
  ["queue", "settings", '{"claimTimeoutMs":"x"}', ""],
  ["queue", "settings", '{"keys":null}', ""],
  ["queue", "settings", '{"keys":1}', ""],
  ["queue", "settings", '{"deadLetterQueue":"no name!"}', ""],
  ["keys", "override", "null", "override"],
  ["keys", "override", '{"weight":-1}', ""],
  ["documents", "version", BEYOND, "version"],
  ["sent", "up_to", BEYOND, "up_to"],
  ["queue", "tag", 'a"b-c', "tag"],
  ["tasks", "payload", "1\n2\n3\n4\n5\n6\n7\n8\n9\n[", "payload"],
])("%s.%s = %j is refused", async (table, column, value, field) => {
  const page = await exported(await full());
  const at = page.records.findIndex((record) => record.table === table && (record.row?.[column] ?? null) !== null);
  const record = page.records[at];
  if (record?.row === undefined) throw new Error(`a row of ${table} was expected`);
  record.row = { ...record.row, [column]: value };
  const copy = api();
  const { head, records } = page;
  const answer = await copy.send("POST", "/import", { head, at: 0, records, isLast: true });
  expectInvalid(answer, `records[${at}].row${field === "" ? "" : `.${field}`}`);
  expect((await copy.send("GET", "")).status).toBe(404);
});

test("the same queue as it was exported is taken, its settings and keys too", async () => {
  const { head, records } = await exported(await full());
  const copy = api();
  const { body } = await copy.send("POST", "/import", { head, at: 0, records, isLast: true });
  expect(body).toEqual({ records: records.length, isWhole: true });
  expect(await copy.counts()).toEqual({ ready: 9, delayed: 0, claimed: 2, dead: 0 });
});

test("a task's payload that is no JSON is refused, though it has a row of its own", async () => {
  const queue = api();
  await queue.enqueueAll([{ payload: "k", key: "k" }]);
  const page = await exported(queue);
  const at = page.records.findIndex(({ table }) => table === "tasks");
  const row = { ...page.records[at]?.row, payload: '1}],"cursor":[{"x":1' };
  const { head } = page;
  const records = page.records.with(at, { table: "tasks", row });
  const answer = await api().send("POST", "/import", { head, at: 0, records, isLast: true });
  expectInvalid(answer, `records[${at}].row.payload`);
});

const ANSWERED = { id: "own", version: 1, visibleAt: 1, duplicate: true };

test.each([
  { whole: [{ ...ANSWERED, id: 'a"b' }, ANSWERED] },
  { whole: [{ ...ANSWERED, id: "abcde-00000000001", version: '1,"x":2' }, ANSWERED] },
  { whole: [{ ...ANSWERED, id: "abcde-00000000001", state: '"' }, ANSWERED] },
  { whole: 5 },
  ["1", "2"],
  "1",
  null,
])("an imported producer's call that was answered %j is forgotten, not answered so", async (whole) => {
  const queue = api();
  const call = { producer: "0123456789abcdef", number: 1 };
  const body = { tasks: [{ payload: 1 }, { payload: 2, id: "own" }], call };
  await queue.send("POST", "/tasks", body);
  const page = await exported(queue);
  const at = page.records.findIndex(({ table }) => table === "producers");
  const row = page.records[at]?.row;
  const [[number, fingerprint]] = JSON.parse(String(row?.["calls"])) as [[number, number]];
  const records = page.records.with(at, {
    table: "producers",
    row: { ...row, calls: JSON.stringify([[number, fingerprint, whole]]) },
  });
  const copy = api();
  const { head } = page;
  expect((await copy.send("POST", "/import", { head, at: 0, records, isLast: true })).status).toBe(200);
  expectProblem(await copy.send("POST", "/tasks", body), "call-forgotten");
  expect((await copy.send("GET", "/tasks")).status).toBe(200);
});
