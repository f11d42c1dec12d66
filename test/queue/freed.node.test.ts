// SQLite walks through every page of a large row that goes: how much one turn frees is bounded by counted bytes, however few rows
// they are. Others are served between.

import { beforeEach, expect, test } from "vitest";
import { LIMITS } from "../../src/core/limits.ts";
import type { ClaimedTask } from "../../src/core/task.ts";
import { claim, configure, counts, enqueue, expectKind, ref, task } from "../contract/builders.ts";
import { aroundTurns } from "../node/around-turns.ts";
import { MemoryQueue } from "../node/memory-queue.ts";

const LARGE = "x".repeat(LIMITS.payloadBytes - 2);
/** Made once: to write it as JSON takes longer than to store it. */
const LARGE_TASK = task(LARGE);
/** More than twice as many as one turn may free. */
const MANY = (2 * LIMITS.turnFreedBytes) / LIMITS.payloadBytes + 3;
/** The last of a turn may be one of the largest. */
const MOST = LIMITS.turnFreedBytes + LIMITS.payloadBytes;

/** Knows by how many bytes each turn has made the database smaller. */
class WeighedQueue extends MemoryQueue {
  freed = 0;
  turnsThatFreed = 0;
  #before = 0;

  constructor() {
    super();
    aroundTurns(
      this.sql,
      () => this.#ended(),
      () => (this.#before = this.storedBytes()),
    );
  }

  storedBytes(): number {
    const tables = this.sql.all(
      `SELECT name FROM sqlite_master WHERE type = 'table' AND (name LIKE '%tasks' OR name = 'outbox')`,
    );
    return tables.reduce((sum, { name }) => {
      const [row] = this.sql.all(`SELECT coalesce(sum(octet_length(payload)), 0) AS bytes FROM ${name as string}`);
      return sum + Number(row?.["bytes"]);
    }, 0);
  }

  isClean(): boolean {
    return this.sql.all(`SELECT 1 FROM sqlite_master WHERE name LIKE 'aside%'`).length === 0;
  }

  watchFromNow(): void {
    this.freed = 0;
    this.turnsThatFreed = 0;
  }

  #ended(): void {
    const bytes = this.#before - this.storedBytes();
    this.freed = Math.max(this.freed, bytes);
    if (bytes > 0) this.turnsThatFreed += 1;
  }
}

let queue: WeighedQueue;

async function enqueueMany(options: Parameters<typeof task>[1] = {}): Promise<void> {
  for (let n = 0; n < MANY; n += 1) await enqueue(queue, { ...LARGE_TASK, ...options });
  queue.watchFromNow();
}

async function claimMany(holder?: string): Promise<ClaimedTask[]> {
  const held: ClaimedTask[] = [];
  const options = holder === undefined ? {} : { holder };
  while (held.length < MANY) held.push(...(await claim(queue, { max: MANY, claimTimeoutMs: 60_000, ...options })));
  return held;
}

/** Turns go by until what is set aside is gone. */
async function cleaned(): Promise<void> {
  for (let turns = 0; turns < 100 && !queue.isClean(); turns += 1) await queue.operate("getQueue", null);
  expect(queue.isClean()).toBe(true);
}

beforeEach(async () => {
  queue = new WeighedQueue();
  await configure(queue, { retentionMs: null, dedupeMs: 60_000 });
});

test.each(["purge", "deleteQueue"] as const)("%s: large tasks go over several turns", async (operation) => {
  await enqueueMany();
  expect(await queue.operate(operation, null)).toMatchObject({ tasks: MANY });
  await enqueue(queue, task("next"));
  expect(queue.storedBytes()).toBeGreaterThan(0);
  await cleaned();
  expect(queue.freed).toBeLessThanOrEqual(MOST);
  expect(queue.storedBytes()).toBe('"next"'.length);
});

test.each(["removed", "remembered"])(
  "large tasks that are acked in one call, and then are %s, go over several turns",
  async (what) => {
    for (let n = 0; n < MANY; n += 1)
      await enqueue(queue, what === "removed" ? LARGE_TASK : { ...LARGE_TASK, id: `order-${n}` });
    const held = await claimMany();
    queue.watchFromNow();
    const acks = held.map((one) => ref(one.claim));
    // A token that comes twice is acked once, whichever turn it is in.
    const twice = acks.slice(0, 1);
    const other = queue.operate("getQueue", null);
    const outcome = await queue.operate("settle", { acks: [...acks, ...twice], nacks: [] });
    const lost = { ok: false, code: "task-not-found" };
    expect(outcome).toEqual({ kind: "settled", acks: [...held.map(() => ({ ok: true })), lost], nacks: [] });
    expect((await other).kind).toBe("queue");
    expect(queue.freed).toBeLessThanOrEqual(MOST);
    expect(queue.turnsThatFreed).toBeGreaterThanOrEqual(3);
    expect(await counts(queue)).toEqual([0, 0, 0, 0]);
  },
);

test("large tasks that a socket held when it closed are given back over several turns", async () => {
  await enqueueMany();
  await claimMany("socket-1");
  let [most, inTurn] = [0, 0];
  const run = queue.sql.run.bind(queue.sql);
  queue.sql.run = (statement, ...parameters) => {
    if (statement.startsWith("UPDATE tasks")) inTurn += 1;
    return run(statement, ...parameters);
  };
  queue.queue.watch({ committed: () => ([most, inTurn] = [Math.max(most, inTurn), 0]), rolledBack: () => {} });
  queue.queue.release("socket-1");
  while (queue.queue.heldBy("socket-1") > 0) await queue.operate("getQueue", null);
  expect(most).toBeGreaterThan(0);
  expect(most).toBeLessThanOrEqual(LIMITS.turnRewrittenBytes / LIMITS.payloadBytes);
  expect(await counts(queue)).toEqual([MANY, 0, 0, 0]);
});

test("large tasks whose time is over go over several turns, by the alarm", async () => {
  await enqueueMany({ ttlMs: 60_000 });
  queue.advance(120_000);
  for (let alarms = 0; alarms < 5; alarms += 1) await queue.sweep();
  expect(queue.storedBytes()).toBe(0);
  expect(queue.freed).toBeLessThanOrEqual(MOST);
  expect(await counts(queue)).toEqual([0, 0, 0, 0]);
});

test("large tasks whose time is over go over several turns when a claim comes upon them", async () => {
  await enqueueMany({ ttlMs: 60_000 });
  queue.advance(60_000);
  await enqueue(queue, task("fresh"));
  expect(await claim(queue)).toMatchObject([{ payload: '"fresh"' }]);
  expect(queue.storedBytes()).toBe('"fresh"'.length);
  expect(queue.freed).toBeLessThanOrEqual(MOST);
});

test("what an export has noted of changes goes after its end, in turns of its own", async () => {
  const some = (): Promise<unknown> =>
    enqueue(queue, ...Array.from({ length: 1_000 }, (_, n) => task(n, { delayMs: 1_000 })));
  await some();
  const first = expectKind(await queue.operate("exportQueue", { after: null }), "exported");
  expect(first.isLast).toBe(false);
  for (let batch = 0; batch < 5; batch += 1) await some();
  // Another begins in its place, which ends it.
  await queue.operate("exportQueue", { after: null });
  const [noted] = queue.sql.all(`SELECT count(*) AS rows FROM aside_1_none_export_log`);
  expect(noted?.["rows"]).toBeGreaterThanOrEqual(2_000);
  await cleaned();
});

test("a deletion's own turn writes a few rows, however many producers and keys the queue remembers", async () => {
  for (let n = 0; n < 300; n += 1) {
    await queue.operate("enqueue", { tasks: [task(n)], call: { producer: `producer-${n}`, number: 1, from: 1 } });
    await queue.operate("setKey", { key: `key-${n}`, patch: { paused: true } });
  }
  const { rowsWritten } = queue.sql;
  let deletion = 0;
  const deleted = queue.operate("deleteQueue", null);
  queue.queue.watch({
    committed: () => (deletion ||= queue.sql.rowsWritten - rowsWritten),
    rolledBack: () => {},
  });
  await deleted;
  expect(deletion).toBeGreaterThan(0);
  expect(deletion).toBeLessThan(100);
  await cleaned();
});

test("dead letters that give up their ids to a producer's tasks are written over several turns", async () => {
  const letters = Math.ceil(MANY / 2);
  const ids = Array.from({ length: letters }, (_, n) => `order-${n}`);
  for (const [n, id] of ids.entries()) {
    const origin = {
      queue: "other",
      id,
      lane: "main",
      attempts: 5,
      error: null,
      enqueuedAt: 1,
      diedAt: 2,
      before: null,
    };
    const travelling = {
      id,
      version: 3,
      contentType: null,
      headers: null,
      lane: "main",
      priority: 0,
      maxAttempts: null,
      origin,
    };
    const message = { seq: n + 1, kind: "dead-letter", body: JSON.stringify(travelling), payload: LARGE };
    await queue.queue.receive("other", [message]);
  }
  let [most, rewritten] = [0, 0];
  const run = queue.sql.run.bind(queue.sql);
  queue.sql.run = (statement, ...parameters) => {
    const rows = run(statement, ...parameters);
    if (statement.startsWith("UPDATE tasks SET task_id = NULL")) {
      most = Math.max(most, rows);
      rewritten += rows;
    }
    return rows;
  };
  const enqueued = await enqueue(queue, ...ids.map((id) => task("mine", { id })));
  expect(enqueued.every(({ duplicate }) => !duplicate)).toBe(true);
  expect(rewritten).toBe(letters);
  expect(most).toBeLessThanOrEqual(LIMITS.turnRewrittenBytes / LIMITS.payloadBytes + 1);
});
