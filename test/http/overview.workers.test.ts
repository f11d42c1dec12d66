// GET /v1/overview: what queues last reported. Asking wakes no queue, and a report costs the queue no row.

import { createExecutionContext, evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import worker from "../../src/index.ts";
import { api, send } from "../workers/api.ts";
import { stoppedClock } from "../workers/clock.ts";
import { alarmAt } from "../workers/object.ts";
import { expectInvalid } from "../workers/problem.ts";
import { KEYS, tokenOf } from "./token-builder.ts";

const clock = stoppedClock();
const INTERVAL_MS = 5_000;

interface Report {
  readonly ageMs: number;
  readonly paused: boolean;
  readonly stats: Readonly<Record<string, number | null>> | null;
  readonly totals: Readonly<Record<string, number>>;
}
interface Page {
  readonly queues: readonly { readonly name: string; readonly report: Report | null }[];
  readonly cursor: string | null;
}

async function reportOf(name: string): Promise<Report | null> {
  const { body } = await send<Page>("GET", `/v1/overview?limit=1000`);
  return body.queues.find((queue) => queue.name === name)?.report ?? null;
}

/** Asks until it is so: a report follows its commit by itself. The clock stands still meanwhile, as it would not in `vi.waitFor`. */
async function expectSoon<Found>(find: () => Promise<Found>, check: (found: Found) => void): Promise<void> {
  for (let asked = 0; asked < 500; asked += 1) {
    const found = await find();
    try {
      return check(found);
    } catch {
      await scheduler.wait(1);
    }
  }
  check(await find());
}

function expectReport(name: string, expected: object): Promise<void> {
  return expectSoon(
    () => reportOf(name),
    (report) => expect(report).toMatchObject(expected),
  );
}

/** The number of the last report that the directory has kept. */
function reportsKept(name: string): Promise<number> {
  return runInDurableObject(env.DIRECTORY.getByName("directory"), (_object, { storage: { sql } }) => {
    const [row] = sql.exec<{ kept: string }>(`SELECT kept FROM reports WHERE name = ?`, name).toArray();
    return row === undefined ? 0 : (JSON.parse(row.kept) as { report: { number: number } }).report.number;
  });
}

const usageOf = (name: string) => runInDurableObject(env.QUEUE.getByName(name), (object) => object.usage());

test("what happens in a few turns after a rest is reported at once, and no more often in the long run than every five seconds", async () => {
  const queue = api("few");
  for (const turn of [1, 2, 3, 4]) {
    await queue.enqueue({ payload: turn });
    await expectReport("few", { stats: { ready: turn } });
  }
  const before = await reportsKept("few");
  for (let second = 0; second < 60; second += 1) {
    clock.advance(1_000);
    await queue.enqueue({ payload: second });
    await expectReport("few", {});
  }
  // Twelve in a minute, and what the queue had saved up.
  expect((await reportsKept("few")) - before).toBeLessThanOrEqual(12 + 6);
  clock.advance(INTERVAL_MS);
  await queue.enqueue({ payload: "last" });
  await expectReport("few", { stats: { ready: 65 } });
});

test("a change of settings is reported by the next turn after five seconds", async () => {
  const queue = api("told");
  await queue.enqueue({ payload: 1 });
  await queue.enqueue({ payload: 2, delayMs: 60_000 });
  await queue.claim();
  const stats = { ready: 0, delayed: 1, claimed: 1, dead: 0, oldestReadyAgeMs: null };
  await expectReport("told", { ageMs: 0, paused: false, stats, totals: { enqueued: 2, claimed: 1, acked: 0 } });
  await queue.configure({ paused: true });
  clock.advance(INTERVAL_MS - 1);
  await queue.view();
  expect(await reportOf("told")).toMatchObject({ ageMs: INTERVAL_MS - 1, paused: false });
  clock.advance(1);
  await queue.view();
  await expectReport("told", { ageMs: 0, paused: true, stats });
});

test("a ready task gets older in the overview while its queue sleeps", async () => {
  await api("ageing").enqueue({ payload: 1 });
  await expectReport("ageing", { stats: { oldestReadyAgeMs: 0 } });
  clock.advance(90_000);
  expect(await reportOf("ageing")).toMatchObject({ ageMs: 90_000, stats: { oldestReadyAgeMs: 90_000 } });
});

test("a report is made when something has changed, seldom, and costs the queue no row (P14)", async () => {
  const queue = api("frugal");
  await queue.enqueue({ payload: 1 });
  await expectReport("frugal", { stats: { ready: 1 } });
  const [before, alarm] = [await usageOf("frugal"), await alarmAt("frugal")];
  for (let look = 0; look < 5; look += 1) {
    clock.advance(INTERVAL_MS);
    await queue.view();
  }
  expect(await reportsKept("frugal")).toBe(1);
  expect((await usageOf("frugal")).rowsWritten - before.rowsWritten).toBe(0);
  expect(await alarmAt("frugal")).toBe(alarm);
  clock.advance(INTERVAL_MS);
  for (let task = 0; task < 50; task += 1) await queue.enqueue({ payload: task });
  await expectReport("frugal", {});
  expect(await reportsKept("frugal")).toBeLessThanOrEqual(1 + 7);
});

test("totals go on over evictions, and never fall", async () => {
  const queue = api("evicted");
  await queue.enqueueAll([{ payload: 1 }, { payload: 2 }]);
  await expectReport("evicted", { totals: { enqueued: 2, acked: 0 } });
  await evictDurableObject(env.QUEUE.getByName("evicted"));
  clock.advance(INTERVAL_MS);
  const { claim } = await queue.claimOne();
  await expectReport("evicted", { stats: { ready: 1, claimed: 1 }, totals: { enqueued: 2 } });
  clock.advance(INTERVAL_MS);
  await queue.ack(claim);
  await expectReport("evicted", { totals: { enqueued: 2, acked: 1 } });
});

test("a queue that wakes with tasks for one turn reports how many they are, so that an alert goes on", async () => {
  const queue = api("woken");
  await queue.enqueueAll(Array.from({ length: 900 }, (_, index) => ({ payload: index, lane: "side" })));
  await queue.enqueue({ payload: "delayed", delayMs: 60_000 });
  await expectReport("woken", { stats: { ready: 900, delayed: 1 } });
  await evictDurableObject(env.QUEUE.getByName("woken"));
  clock.advance(INTERVAL_MS);
  await queue.enqueue({ payload: 1 });
  await expectReport("woken", { stats: { ready: 901, delayed: 1, oldestReadyAgeMs: INTERVAL_MS } });
});

test("a long backlog is counted for reports after a wake a thousand rows at a time, and not before somebody's answer", async () => {
  const queue = api("large");
  const tasks = Array.from({ length: 1_000 }, (_, index) => ({ payload: index, lane: "side", priority: index % 3 }));
  await queue.enqueueAll(tasks);
  await queue.enqueueAll(tasks);
  await queue.enqueueAll(tasks);
  await expectReport("large", { stats: { ready: 3_000 } });
  await evictDurableObject(env.QUEUE.getByName("large"));
  clock.advance(INTERVAL_MS);
  await queue.enqueue({ payload: 1 });
  await expectReport("large", { stats: null, totals: { enqueued: 3_001 } });
  const woken = (await usageOf("large")).rowsRead;
  // The end of the slice is looked for, and its rows are counted by lane, priority and state: three for each.
  expect(woken).toBeLessThan(3_200);
  for (const more of [2, 3]) {
    clock.advance(INTERVAL_MS);
    await queue.enqueue({ payload: more });
    await expectReport("large", { totals: { enqueued: 3_000 + more } });
  }
  clock.advance(INTERVAL_MS);
  await queue.enqueue({ payload: 4 });
  await expectReport("large", { stats: { ready: 3_004 }, totals: { enqueued: 3_004 } });
});

test("a queue that was deleted is not listed, and a report of its former life says nothing of the next", async () => {
  const queue = api("again");
  await queue.enqueue({ payload: 1 });
  await expectReport("again", { stats: { ready: 1 } });
  await queue.send("DELETE", "");
  clock.advance(1);
  await queue.configure({});
  await expectSoon(
    async () => (await send<Page>("GET", "/v1/overview?limit=1000")).body.queues,
    (queues) => expect(queues).toContainEqual({ name: "again", createdAt: clock.now(), report: null }),
  );
});

test("asking wakes no queue", async () => {
  await api("asleep").enqueue({ payload: 1 });
  await expectReport("asleep", { stats: { ready: 1 } });
  await evictDurableObject(env.QUEUE.getByName("asleep"));
  const reached: string[] = [];
  const QUEUE = { getByName: (name: string) => void reached.push(name) } as never;
  const request = new Request("http://localhost/v1/overview?limit=1000");
  const response = await worker.fetch(request, { ...env, QUEUE }, createExecutionContext());
  const { queues }: Page = await response.json();
  expect(queues.find(({ name }) => name === "asleep")?.report).toMatchObject({ stats: { ready: 1 } });
  expect(reached).toEqual([]);
});

test("a token sees the queues that it may browse, page by page, each once", async () => {
  for (const name of ["mine-a", "mine-b", "mine-c", "theirs-a"]) {
    await api(name).enqueue({ payload: 1 });
    await expectReport(name, { stats: { ready: 1 } });
  }
  const token = await tokenOf({ claims: { queues: ["mine-*"], can: ["browse"] } });
  const seen: string[] = [];
  let cursor: string | null = null;
  do {
    const query: string = cursor === null ? "" : `&cursor=${cursor}`;
    const request = new Request(`http://localhost/v1/overview?limit=2${query}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    const response = await worker.fetch(
      request,
      { QUEUE: env.QUEUE, DIRECTORY: env.DIRECTORY, EDGEQ_KEYS: KEYS },
      createExecutionContext(),
    );
    const page: Page = await response.json();
    seen.push(...page.queues.map(({ name }) => name));
    cursor = page.cursor;
  } while (cursor !== null);
  expect(seen).toEqual(["mine-a", "mine-b", "mine-c"]);
});

test("rates are those of the last minute, and none once a queue has been silent for one", async () => {
  const queue = api("rated");
  await queue.enqueueAll(Array.from({ length: 50 }, (_, index) => ({ payload: index })));
  const { claim } = await queue.claimOne();
  await queue.ack(claim);
  clock.advance(INTERVAL_MS);
  await queue.view();
  await expectReport("rated", { totals: { claimed: 1, acked: 1 } });
  const { inPerMinute, outPerMinute } = (await reportOf("rated")) as unknown as Record<string, number>;
  expect(inPerMinute).toBeGreaterThanOrEqual(50);
  expect(inPerMinute).toBeLessThanOrEqual(60);
  expect(outPerMinute).toBe(1);
  clock.advance(60_001);
  expect(await reportOf("rated")).toMatchObject({ inPerMinute: 0, outPerMinute: 0 });
});

async function troubleOf(name: string): Promise<unknown> {
  return ((await reportOf(name)) as { trouble?: unknown } | null)?.trouble;
}

test("a task that died is trouble for ten minutes, one that nobody takes after half a minute", async () => {
  const queue = api("dying");
  await queue.configure({ maxAttempts: 1 });
  await queue.enqueueAll([{ payload: 1 }, { payload: 2 }]);
  const { claim } = await queue.claimOne();
  await queue.nack({ claim });
  clock.advance(INTERVAL_MS);
  await queue.view();
  await expectSoon(
    () => troubleOf("dying"),
    (trouble) => expect(trouble).toEqual(["deaths"]),
  );
  clock.advance(30_000);
  expect(await troubleOf("dying")).toEqual(["deaths", "nobody-listening"]);
  clock.advance(10 * 60_000);
  expect(await troubleOf("dying")).toEqual(["nobody-listening"]);
});

test("a queue is failing while more attempts fail than are acked, whether its tasks die, move on or are tried again", async () => {
  const queue = api("failing");
  const deadLetters = api("failing-dead");
  await deadLetters.enqueueAll([{ payload: 0 }]);
  await queue.configure({ deadLetterQueue: "failing-dead", maxAttempts: 2 });
  await queue.enqueueAll(Array.from({ length: 30 }, (_, index) => ({ payload: index })));
  const end = async (times: number, dead: boolean): Promise<void> => {
    for (let time = 0; time < times; time += 1) {
      const { claim } = await queue.claimOne();
      await queue.nack({ claim, ...(dead ? { dead } : { delayMs: 60_000 }) });
    }
    clock.advance(INTERVAL_MS);
    await queue.view();
  };
  await end(7, false);
  await expectReport("failing", { totals: { failed: 7 } });
  expect(await troubleOf("failing")).toEqual([]);
  await end(5, true);
  await expectReport("failing", { totals: { moved: 5 }, ackedPerMinute: 0 });
  expect(await troubleOf("failing")).toEqual(["deaths", "failing"]);
  for (let time = 0; time < 16; time += 1) await queue.ack((await queue.claimOne()).claim);
  clock.advance(INTERVAL_MS);
  await queue.view();
  await expectReport("failing", { totals: { acked: 16 } });
  expect(await troubleOf("failing")).toEqual(["deaths"]);
});

test("a queue that only gets older is falling behind, though its consumers claim", async () => {
  const queue = api("behind");
  await queue.enqueueAll([{ payload: 1 }, { payload: 2, priority: 5 }, { payload: 3, priority: 5 }]);
  for (const _ of [1, 2]) {
    clock.advance(40_000);
    await queue.claimOne();
    await expectReport("behind", { ageMs: 0 });
  }
  expect(await troubleOf("behind")).toEqual(["falling-behind"]);
});

test.each([
  ["?limit=0", "limit", 0],
  ["?limit=1001", "limit", 1_001],
  ["?cursor=-", "cursor", "-"],
  ["?order=age", "order", "age"],
  ["?order=trouble&cursor=orders", "cursor", "orders"],
  ["?cursor=3~orders", "cursor", "3~orders"],
])("%s is refused", async (query, field, given) => {
  expectInvalid(await send("GET", `/v1/overview${query}`), field, given);
});
