// Messages and origins of an imported file go to other queues one day, whose consumers trust what their own queue holds: they are looked
// at when they come, like a producer's tasks.

import { beforeEach, describe, expect, test, vi } from "vitest";
import { importQueue } from "../../src/api/operations/transfer.ts";
import type { TransferRecord } from "../../src/core/transfer.ts";
import { claim, claimOne, configure, enqueue, expectKind, nack, payloads, task } from "../contract/builders.ts";
import { exported, imported, type Exported } from "../contract/transfer-builders.ts";
import { MemoryQueue } from "../node/memory-queue.ts";

let file: Exported;
let orders: MemoryQueue;
let dead: MemoryQueue;

/** A file of a queue that owes a dead letter, a redriven one, and an insert. */
beforeEach(async () => {
  vi.spyOn(console, "error").mockImplementation(() => {});
  const before = new MemoryQueue("orders");
  before.deliver = () => Promise.reject(new Error("not there"));
  await configure(before, { deadLetterQueue: "payments", maxAttempts: 1 });
  await enqueue(before, task("letter", { id: "one", headers: { trace: "7" }, key: "a", cost: 3, priority: 2 }));
  await nack(before, await claimOne(before), { error: "no" });
  const insert = { task: task("insert", { headers: { trace: "8" }, ttlMs: 9_000, delayMs: 1, lane: "x" }) };
  const nothing = { change: [], delete: [], depend: [] };
  await before.operate("modify", { ...nothing, insert: [{ ...insert, queue: "payments", onConflict: "skip" }] });
  await before.queue.receive("other", [
    {
      seq: 1,
      kind: "dead-letter",
      body: JSON.stringify({
        id: "two",
        contentType: null,
        headers: null,
        lane: "main",
        priority: 0,
        maxAttempts: null,
        origin: { queue: "payments", id: "two", lane: "x", attempts: 1, error: null, enqueuedAt: 1, diedAt: 2 },
      }),
      payload: `"back"`,
    },
  ]);
  await before.operate("redrive", { limit: 10 });
  file = await exported(before);
  orders = new MemoryQueue("orders");
  dead = new MemoryQueue("payments");
  orders.deliver = (receiver, messages) =>
    receiver === "payments"
      ? dead.queue.receive("orders", messages)
      : Promise.resolve({ kind: "received", upTo: messages.at(-1)?.seq ?? 0 });
});

/** The file with other values in the JSON of its messages of a kind. */
function changed(kind: string, change: object): Exported {
  const records = file.records.map((record): TransferRecord => {
    if (record.table !== "outbox" || !("row" in record) || record.row["kind"] !== kind) return record;
    const body = JSON.stringify({ ...(JSON.parse(record.row["body"] as string) as object), ...change });
    return { ...record, row: { ...record.row, body } };
  });
  return { head: file.head, records };
}

test("they arrive as they are", async () => {
  expect(file.records.filter(({ table }) => table === "outbox")).toHaveLength(3 + 1);
  expect(await imported(orders, file)).toMatchObject({ isWhole: true });
  await expect.poll(() => outboxOf()).toBe(0);
  dead.advance(10);
  expect(payloads(await claim(dead, { max: 9, lanes: { any: ["main", "x"] } })).toSorted()).toEqual([
    "back",
    "insert",
    "letter",
  ]);
});

async function outboxOf(): Promise<number> {
  return expectKind(await orders.operate("getQueue", null), "queue").queue.stats.outbox;
}

const ORIGIN = { queue: "orders", id: "1", lane: "main", attempts: 1, error: null, enqueuedAt: 1, diedAt: 1 };

describe("what no queue has sent is refused:", () => {
  test.each([
    ["dead-letter", { headers: "{" }],
    ["dead-letter", { headers: { trace: "7" } }],
    ["dead-letter", { headers: `{"trace":7}` }],
    ["dead-letter", { id: undefined }],
    ["dead-letter", { lane: 7 }],
    ["dead-letter", { lane: "\u001Fx" }],
    ["dead-letter", { priority: {} }],
    ["dead-letter", { priority: 1e9 }],
    ["dead-letter", { maxAttempts: -1 }],
    ["dead-letter", { cost: "3" }],
    ["dead-letter", { pastAttempts: "[[" }],
    ["dead-letter", { pastAttempts: [[1]] }],
    ["dead-letter", { contentType: 5 }],
    ["dead-letter", { origin: { ...ORIGIN, id: 5 } }],
    ["dead-letter", { origin: { ...ORIGIN, before: {} } }],
    ["redrive", { enqueuedAt: "now" }],
    ["redrive", { version: 1.5 }],
    ["insert", { headers: "oops" }],
    ["insert", { headers: { trace: 7 } }],
    ["insert", { contentType: false }],
    ["insert", { visibleAt: "soon" }],
    ["insert", { endsAt: {} }],
    ["insert", { key: 5 }],
    ["insert", { id: 5 }],
  ])("%s %j", async (kind, change) => {
    const outcome = await imported(orders, changed(kind, change));
    expect(outcome).toMatchObject({ kind: "invalid" });
    expect(outcome).toHaveProperty("field", expect.stringMatching(/^records\[\d+\]\.row\.body$/));
    expect(await claim(dead, { max: 9 })).toEqual([]);
  });

  test("an origin without what its way back needs", async () => {
    const row = { seq: 5, visible_at: 1, payload: "1", origin: JSON.stringify({ ...ORIGIN, id: undefined }) };
    const outcome = await imported(orders, { head: file.head, records: [{ table: "tasks", row }, ...file.records] });
    expect(outcome).toMatchObject({ kind: "invalid", field: "records[0].row.origin" });
  });
});

test("an import needs the right to enqueue also where its messages would go on to", () => {
  const { head, records } = changed("dead-letter", { origin: { ...ORIGIN, before: { ...ORIGIN, queue: "far" } } });
  const input = { head, at: 0, records, isLast: true, replace: false };
  const queues = (importQueue.demands?.(input, "orders") ?? []).map(({ queue }) => queue);
  expect(queues.toSorted()).toEqual(["far", "payments"]);
});
