// POST /v1/queues/{queue}/claim with waitMs: a task is handed to a parked claim in the turn that makes it ready (P7).

import { runInDurableObject } from "cloudflare:test";
import { describe, expect, test } from "vitest";
import { LIMITS } from "../../src/core/limits.ts";
import { answerOf, api, type Answer, type QueueApi, type SentClaim } from "../workers/api.ts";
import { stoppedClock } from "../workers/clock.ts";
import { expectProblem } from "../workers/problem.ts";
import { env } from "cloudflare:workers";

const clock = stoppedClock();

type Claimed = Answer<{ tasks: SentClaim[] }>;

const JSON_TYPE = { "content-type": "application/json" };

/** A parked claim: its answer has begun, which says that it is parked. */
interface ParkedClaim {
  readonly answer: Promise<Claimed>;
}

async function park(queue: QueueApi, input: Readonly<Record<string, unknown>> = {}): Promise<ParkedClaim> {
  const body = JSON.stringify({ waitMs: 20_000, ...input });
  const response = await queue.fetch("/claim", { method: "POST", body, headers: JSON_TYPE });
  return { answer: answerOf(response) };
}

async function payloadsOf({ answer }: ParkedClaim): Promise<unknown[]> {
  return (await answer).body.tasks.map(({ payload }) => payload);
}

describe("a parked claim is handed", () => {
  test("a task that is enqueued", async () => {
    const queue = api();
    const claim = await park(queue);
    await queue.enqueue({ payload: "new" });
    expect(await payloadsOf(claim)).toEqual(["new"]);
    expect(await queue.counts()).toMatchObject({ ready: 0, claimed: 1 });
  });

  test("a task that is nacked without delay", async () => {
    const queue = api();
    await queue.enqueue({ payload: "again" });
    const { claim } = await queue.claimOne();
    const waiting = await park(queue);
    await queue.nack({ claim, delayMs: 0 });
    expect((await waiting.answer).body.tasks).toMatchObject([{ payload: "again", attempts: 2 }]);
  });

  test("a task that is given back", async () => {
    const queue = api();
    await queue.enqueue({ payload: "back" });
    const { claim } = await queue.claimOne();
    const waiting = await park(queue);
    await queue.nack({ claim, release: true });
    expect((await waiting.answer).body.tasks).toMatchObject([{ payload: "back", attempts: 1 }]);
  });

  test("a task whose delay ends, not before its very millisecond", async () => {
    const queue = api();
    const { visibleAt } = await queue.enqueue({ payload: "late", delayMs: 40 });
    const waiting = await park(queue);
    clock.moveTo(visibleAt - 1);
    expect(await queue.counts()).toMatchObject({ delayed: 1, claimed: 0 });
    clock.moveTo(visibleAt);
    expect(await payloadsOf(waiting)).toEqual(["late"]);
  });

  test("a task whose claim expires, not before its very millisecond", async () => {
    const queue = api();
    await queue.enqueue({ payload: "left" });
    const { claimedUntil } = await queue.claimOne({ claimTimeoutMs: 40 });
    const waiting = await park(queue);
    clock.moveTo(claimedUntil - 1);
    expect(await queue.counts()).toMatchObject({ ready: 0, claimed: 1 });
    clock.moveTo(claimedUntil);
    expect((await waiting.answer).body.tasks).toMatchObject([{ payload: "left", attempts: 2 }]);
  });

  test("a dead task that is redriven", async () => {
    const queue = api();
    await queue.enqueue({ payload: "dead" });
    await queue.nack({ claim: (await queue.claimOne()).claim, dead: true });
    const waiting = await park(queue);
    await queue.send("POST", "/redrive", {});
    expect(await payloadsOf(waiting)).toEqual(["dead"]);
  });

  test("a task that a change of its delay makes ready", async () => {
    const queue = api();
    const { id } = await queue.enqueue({ payload: "sooner", delayMs: 1_000_000 });
    const waiting = await park(queue);
    await queue.send("PATCH", `/tasks/${id}`, { version: 1, delayMs: 0 });
    expect(await payloadsOf(waiting)).toEqual(["sooner"]);
  });

  test("a task that waited for room among the claims in flight", async () => {
    const queue = api();
    await queue.configure({ maxInFlight: 1 });
    const waiting = [await park(queue), await park(queue)];
    await queue.enqueueAll([{ payload: 1 }, { payload: 2 }]);
    const first = await Promise.race(waiting.map(({ answer }) => answer));
    await queue.ack(...first.body.tasks.map(({ claim }) => claim));
    const payloads = await Promise.all(waiting.map(payloadsOf));
    expect(new Set(payloads.flat())).toEqual(new Set([1, 2]));
  });
});

test("parked claims are served in the order in which they came, each task to one of them", async () => {
  const queue = api();
  const claims: ParkedClaim[] = [];
  for (let n = 0; n < 5; n += 1) claims.push(await park(queue));
  await queue.enqueueAll([1, 2, 3, 4, 5].map((payload) => ({ payload })));
  const payloads = await Promise.all(claims.map(payloadsOf));
  expect(payloads.flat()).toEqual([1, 2, 3, 4, 5]);
});

test("a wait ends without a task when its time is over", async () => {
  const queue = api();
  const waiting = await park(queue, { waitMs: 60 });
  clock.advance(60);
  const { status, headers, body } = await waiting.answer;
  expect({ status, body }).toEqual({ status: 200, body: { tasks: [] } });
  expect(headers.get("content-type")).toBe("application/json");
});

test("a wait ends without a task when the queue is paused", async () => {
  const queue = api();
  await queue.configure({});
  const waiting = await park(queue);
  await queue.send("POST", "/pause");
  expect(await payloadsOf(waiting)).toEqual([]);
});

test("only lanes that the claim names are handed to it", async () => {
  const queue = api();
  const waiting = await park(queue, { lanes: ["side"] });
  await queue.enqueue({ payload: "main" });
  await queue.enqueue({ payload: "side", lane: "side" });
  expect(await payloadsOf(waiting)).toEqual(["side"]);
  expect(await queue.counts()).toMatchObject({ ready: 1 });
});

test("a client that goes away takes no task, and no attempt is counted", async () => {
  const queue = api();
  const client = new AbortController();
  const response = await queue.fetch("/claim", {
    method: "POST",
    body: JSON.stringify({ waitMs: 20_000 }),
    headers: JSON_TYPE,
    signal: client.signal,
  });
  client.abort();
  await response.body?.cancel().catch(() => {});
  await queue.enqueue({ payload: "kept" });
  const task = await queue.claimOne({ waitMs: 20_000 });
  expect(task).toMatchObject({ payload: "kept", attempts: 1 });
});

test("a client that stops reading its answer takes no task", async () => {
  const queue = api();
  const response = await queue.fetch("/claim", {
    method: "POST",
    body: JSON.stringify({ waitMs: 20_000 }),
    headers: JSON_TYPE,
  });
  await response.body?.cancel();
  await queue.enqueue({ payload: "kept" });
  const task = await queue.claimOne({ waitMs: 20_000 });
  expect(task).toMatchObject({ payload: "kept", attempts: 1 });
});

test("P12: as many claims wait as one object holds, one more is refused as overloaded", async () => {
  const queue = api();
  const stub = env.QUEUE.getByName(queue.name);
  const input = { max: 1, lanes: { inOrder: ["main"] } };
  await runInDurableObject(stub, (object) => {
    for (let n = 0; n < LIMITS.parkedClaims; n += 1) void object.operate("claim", { ...input, waitMs: 1_000_000 });
  });
  expectProblem(await queue.send("POST", "/claim", { waitMs: 20_000 }), "overloaded");
  expect(await queue.claim()).toEqual([]);
});
