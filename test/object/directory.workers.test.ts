// The directory by itself: what it remembers of queues that are gone, for how long, and what those who list the living read.

import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test, vi } from "vitest";
import type { Grant } from "../../src/api/grant.ts";
import type { QueueReport } from "../../src/core/queue-report.ts";
import { stoppedClock } from "../workers/clock.ts";

stoppedClock();

const DAY_MS = 86_400_000;
const EVERYTHING: Grant = { can: ["browse"], queues: ["*"] };

type Directory = ReturnType<typeof env.DIRECTORY.getByName>;

const registered = (seq: number, name: string, createdAt: number) => ({
  seq,
  kind: "register",
  body: JSON.stringify({ name, createdAt }),
  payload: null,
});
const deleted = (seq: number, name: string) => ({
  seq,
  kind: "unregister",
  body: JSON.stringify({ name }),
  payload: null,
});

function reportOf(createdAt: number): QueueReport {
  const stats = { ready: 1, delayed: 0, claimed: 0, dead: 0, oldestReadyAgeMs: 0 };
  const settings = { paused: false, maxInFlight: 1, maxBacklog: null };
  return { createdAt, ...settings, consumers: 0, parked: 0, stats, totals: {}, life: "l", number: 1 };
}

function rowsOf(directory: Directory, table: string): Promise<number> {
  return runInDurableObject(directory, (_, { storage: { sql } }) =>
    Number(sql.exec(`SELECT count(*) AS n FROM ${table}`).one()["n"]),
  );
}

test("ten queues are listed for the rows of ten, whatever number was deleted", async () => {
  const directory = env.DIRECTORY.getByName("rows");
  await runInDurableObject(directory, async (object) => {
    for (let index = 0; index < 10_000; index += 1) {
      const name = `gone-${index}`;
      object.receive(name, [registered(1, name, 1)]);
      object.report(name, reportOf(1));
      object.receive(name, [deleted(2, name)]);
    }
    for (let index = 0; index < 10; index += 1) object.receive(`q-${index}`, [registered(1, `q-${index}`, 1)]);
  });
  const read = await runInDurableObject(directory, async (object) => {
    const before = object.usage().rowsRead;
    expect(await object.list("", 100)).toHaveLength(10);
    expect(await object.overview("", 100, EVERYTHING)).toHaveLength(10);
    expect((await object.overviewByTrouble(null, 100, EVERYTHING)).queues).toHaveLength(10);
    return object.usage().rowsRead - before;
  });
  expect(read).toBeLessThanOrEqual(80);
  expect(await rowsOf(directory, "reports")).toBe(0);
});

test("a deleted queue is remembered for seven days, by an alarm that is set once, and then by nothing", async () => {
  const directory = env.DIRECTORY.getByName("forgets");
  await runInDurableObject(directory, (object) => {
    for (let index = 0; index < 1_500; index += 1) {
      object.receive(`q-${index}`, [registered(1, `q-${index}`, 1), deleted(2, `q-${index}`)]);
    }
  });
  const deletedAt = Date.now();
  const alarmAt = () => runInDurableObject(directory, (_, { storage }) => storage.getAlarm());
  expect(await alarmAt()).toBe(deletedAt + 7 * DAY_MS);
  await evictDurableObject(directory);
  vi.setSystemTime(deletedAt + 7 * DAY_MS - 1);
  await runDurableObjectAlarm(directory);
  expect(await rowsOf(directory, "deleted_queues")).toBe(1_500);
  vi.setSystemTime(deletedAt + 7 * DAY_MS);
  await runDurableObjectAlarm(directory);
  expect(await rowsOf(directory, "deleted_queues")).toBe(500);
  await runDurableObjectAlarm(directory);
  expect(await rowsOf(directory, "deleted_queues")).toBe(0);
  expect(await alarmAt()).toBeNull();
});

test("a late message or report of a former life brings nothing back; the next life is listed with its own", async () => {
  const directory = env.DIRECTORY.getByName("late");
  await directory.receive("q", [registered(1, "q", 10)]);
  await directory.receive("q", [deleted(2, "q")]);
  await directory.receive("q", [registered(1, "q", 10)]);
  expect(await directory.report("q", reportOf(10))).toBe(false);
  expect(await directory.list("", 10)).toEqual([]);
  // A report may come before its queue is registered.
  expect(await directory.report("q", reportOf(20))).toBe(true);
  await directory.receive("q", [registered(3, "q", 20)]);
  await directory.receive("q", [deleted(2, "q")]);
  expect(await directory.list("", 10)).toEqual([{ name: "q", createdAt: 20 }]);
  expect(await directory.overview("", 10, EVERYTHING)).toMatchObject([{ name: "q", report: { stats: { ready: 1 } } }]);
});

test("the deleted queues of an older directory leave the list", async () => {
  const directory = env.DIRECTORY.getByName("older");
  await directory.receive("lives", [registered(1, "lives", 10)]);
  await runInDurableObject(directory, (_, { storage: { sql } }) => {
    sql.exec(`DROP TABLE deleted_queues`);
    sql.exec(`INSERT INTO queues (name, seq, created_at) VALUES ('gone', 5, NULL)`);
  });
  await evictDurableObject(directory);
  expect(await directory.list("", 10)).toEqual([{ name: "lives", createdAt: 10 }]);
  await directory.receive("gone", [registered(4, "gone", 10)]);
  expect(await rowsOf(directory, "queues")).toBe(1);
  expect(await rowsOf(directory, "deleted_queues")).toBe(1);
});

test("those who ask at once whether it can write are answered by one row", async () => {
  await runInDurableObject(env.DIRECTORY.getByName("asked"), async (object, { storage }) => {
    const sync = vi.spyOn(storage, "sync");
    await Promise.all(Array.from({ length: 50 }, () => object.proveWritable(Date.now())));
    expect(sync).toHaveBeenCalledTimes(1);
    await object.proveWritable(Date.now());
    expect(sync).toHaveBeenCalledTimes(2);
  });
});
