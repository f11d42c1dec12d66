// A budget over HTTP: what a setting may be, what a refusal says, and who is told.

import { env } from "cloudflare:workers";
import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { fetchPath, answerOf, api } from "../workers/api.ts";
import { stoppedClock } from "../workers/clock.ts";
import { expectInvalid, expectProblem } from "../workers/problem.ts";
import { SocketClient } from "../workers/socket-client.ts";

const clock = stoppedClock();
const HOUR_MS = 3_600_000;
const logged = vi.fn<(...words: unknown[]) => void>();
beforeEach(() => void vi.spyOn(console, "error").mockImplementation(logged));
afterEach(() => void logged.mockClear());

test.each([
  ["budget.rowsPerHour", { rowsPerHour: 0 }, 0],
  ["budget.rowsPerHour", { rowsPerHour: 1.5 }, 1.5],
  ["budget.rowsPerHour", { rowsPerHour: 1_000_000_000_001 }, 1_000_000_000_001],
  ["budget.usdPerDay", { usdPerDay: 0.009 }, 0.009],
  ["budget.usdPerDay", { usdPerDay: "1" }, "1"],
  ["budget.onReach", { onReach: "sleep" }, "sleep"],
])("%s refuses what is out of its range", async (field, budget, given) => {
  expectInvalid(await api().send("PUT", "", { budget }), field, given);
});

test("a part of it is set by itself, and the rest stays", async () => {
  const queue = api();
  await queue.configure({ budget: { rowsPerHour: 1_000, onReach: "slow" } });
  const answer = await queue.send("PUT", "", { budget: { usdPerDay: 2.5 } });
  expect(answer.body).toMatchObject({
    settings: { budget: { rowsPerHour: 1_000, usdPerDay: 2.5, onReach: "slow" } },
    stats: { budgetReached: null, alarmSlowedMs: 0 },
  });
});

test("a refusal says until when, in Retry-After too; stats, the overview and one line of the log say it", async () => {
  const queue = api();
  await queue.configure({ budget: { rowsPerHour: 1, onReach: "stop-enqueue" } });
  const refused = await queue.send("POST", "/tasks", { payload: 1 });
  expectProblem(refused, "budget-reached", { by: "rowsPerHour" });
  const { until, retryAfterMs } = refused.body as { until: number; retryAfterMs: number };
  expect(until % 3_600_000).toBe(0);
  expect(Number(refused.headers.get("retry-after"))).toBe(Math.ceil(retryAfterMs / 1_000));
  expect((await queue.send("GET", "")).body).toMatchObject({ stats: { budgetReached: { by: "rowsPerHour", until } } });
  expect(logged.mock.calls.filter((words) => String(words[0]).includes("budget"))).toHaveLength(1);

  const overview = await vi.waitUntil(async () => {
    const answer = await answerOf<{ queues: { name: string; report: { trouble: string[] } | null }[] }>(
      await fetchPath("/v1/overview?limit=100"),
    );
    return answer.body.queues.find(({ name, report }) => name === queue.name && report !== null);
  });
  expect(overview?.report?.trouble).toContain("over-budget");
});

test("over a socket the refusal is the same", async () => {
  const queue = api();
  await queue.configure({ budget: { rowsPerHour: 1, onReach: "stop" } });
  const socket = await SocketClient.open(queue.name);
  const wanted = { problem: { code: "budget-reached", retryAfterMs: expect.any(Number) as unknown } };
  expect(await socket.ask("enqueue", { tasks: [{ payload: 1 }] })).toMatchObject(wanted);
  expect(await socket.ask("credit", { n: 10 })).toMatchObject(wanted);
  expect(await socket.ask("getCost")).toMatchObject({ ok: { hour: { rowsWritten: expect.any(Number) as unknown } } });
});

/** Three tasks become ready after a minute; by then the queue has used up what it may. */
async function openWith(onReach: string, n = 10): Promise<{ name: string; socket: SocketClient; until: number }> {
  const queue = api();
  clock.moveTo(Date.now() - (Date.now() % HOUR_MS) + HOUR_MS);
  await queue.configure({});
  const socket = await SocketClient.open(queue.name);
  expect(await socket.ask("credit", { n })).toHaveProperty("ok");
  await socket.ask("enqueue", { tasks: [1, 2, 3].map((payload) => ({ payload, delayMs: 60_000 })) });
  await queue.configure({ budget: { rowsPerHour: 1, onReach } });
  clock.advance(60_000);
  return { name: queue.name, socket, until: Date.now() - 60_000 + HOUR_MS };
}

/** Looks at the queue, which is a turn, and says what had been pushed by its end. */
async function pushed(socket: SocketClient): Promise<unknown[]> {
  await socket.ask("getQueue");
  return socket.received.flatMap(({ op, tasks = [] }) => (op === "tasks" ? tasks.map(({ payload }) => payload) : []));
}

const alarmAt = (name: string): Promise<number | null> =>
  runInDurableObject(env.QUEUE.getByName(name), (_, { storage }) => storage.getAlarm());

describe("a consumer that asked for tasks over a socket before the budget was used up", () => {
  test("stop: is pushed nothing until the hour ends, to the millisecond, and then all, by the alarm", async () => {
    const { name, socket, until } = await openWith("stop");
    expect(await pushed(socket)).toEqual([]);
    clock.moveTo(until - 1);
    expect(await pushed(socket)).toEqual([]);
    clock.moveTo(until);
    await runDurableObjectAlarm(env.QUEUE.getByName(name));
    await socket.until(() => socket.received.some(({ op }) => op === "tasks"));
    expect(await pushed(socket)).toEqual([1, 2, 3]);
  });

  test("slow: is pushed one claim a second, to the millisecond, though it acks at once", async () => {
    const { name, socket } = await openWith("slow", 1);
    await runDurableObjectAlarm(env.QUEUE.getByName(name));
    expect(await pushed(socket)).toEqual([1]);
    const [claim] = socket.received.flatMap(({ tasks = [] }) => tasks.map((task) => task.claim));
    await socket.ask("ack", { claims: [claim] });
    clock.advance(999);
    expect(await pushed(socket)).toEqual([1]);
    // Nothing else wakes the object then.
    expect(await alarmAt(name)).toBe(clock.now() + 1);
    clock.advance(1);
    await runDurableObjectAlarm(env.QUEUE.getByName(name));
    expect(await pushed(socket)).toEqual([1, 2]);
  });

  test.each(["warn", "stop-enqueue"])("%s: is pushed tasks as ever, and acks them", async (onReach) => {
    const { socket } = await openWith(onReach);
    expect(await pushed(socket)).toEqual([1, 2, 3]);
    const claims = socket.received.flatMap(({ tasks = [] }) => tasks.map(({ claim }) => claim));
    expect(await socket.ask("ack", { claims })).toMatchObject({
      ok: { results: [{ ok: true }, { ok: true }, { ok: true }] },
    });
  });
});
