// Keys where tasks travel: pushed over sockets, and to dead-letter queues and back.

import { evictDurableObject, runDurableObjectAlarm } from "cloudflare:test";
import { exports } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import {
  ack,
  browseAll,
  claim,
  claimOne,
  configure,
  enqueue,
  expectKind,
  nack,
  payloads,
  task,
} from "../contract/builders.ts";
import { Queue } from "../../src/client/index.ts";
import type { QueueService, QueueServiceProps } from "../../src/index.ts";
import { stoppedClock } from "../workers/clock.ts";
import { delivered, ObjectQueue } from "../workers/object-queue.ts";
import { SocketClient } from "../workers/socket-client.ts";

stoppedClock();

const keyed = (payload: unknown, key: string, options = {}) => task(payload, { key, ...options });

async function withKeys(settings: object): Promise<ObjectQueue> {
  const queue = new ObjectQueue();
  await configure(queue, settings);
  return queue;
}

async function consumer(queue: ObjectQueue, n: number): Promise<SocketClient> {
  const client = await SocketClient.open(queue.name);
  await client.ask("credit", { n, claimTimeoutMs: 60_000 });
  return client;
}

/** Whatever was to be pushed in the turns before has been, once the object has answered. */
async function pushedByNow(client: SocketClient): Promise<unknown[]> {
  await client.ask("getTask", { id: "nothing" });
  return client.pushed.map(({ payload }) => payload);
}

describe("pushes over sockets", () => {
  test("obey the concurrency of a key, and hand on the next when one is done (K1)", async () => {
    const queue = await withKeys({ keys: { concurrency: 1 } });
    const [one, other] = [await consumer(queue, 10), await consumer(queue, 10)];
    await enqueue(queue, ...["a1", "a2", "a3"].map((payload) => keyed(payload, "a")), keyed("b1", "b"));
    const pushed = [...(await pushedByNow(one)), ...(await pushedByNow(other))];
    expect(pushed.toSorted()).toEqual(["a1", "b1"]);
    const holder = one.pushed.some(({ payload }) => payload === "a1") ? one : other;
    await holder.ask("ack", { claims: holder.pushed.map(({ claim: token }) => token) });
    const after = [...(await pushedByNow(one)), ...(await pushedByNow(other))];
    expect(after.toSorted()).toEqual(["a1", "a2", "b1"]);
  });

  test("obey the order of a key over a failure and an eviction (K2)", async () => {
    const queue = await withKeys({ keys: { order: "fifo", concurrency: 1 } });
    const client = await consumer(queue, 10);
    await enqueue(queue, ...["a1", "a2"].map((payload) => keyed(payload, "a")));
    const [first] = await client.pushes(1);
    await client.ask("nack", { claims: [{ claim: first?.claim, delayMs: 5_000 }] });
    expect(await pushedByNow(client)).toEqual(["a1"]);
    await evictDurableObject(queue.stub);
    queue.advance(5_000);
    await runDurableObjectAlarm(queue.stub);
    await client.pushes(2);
    expect(await pushedByNow(client)).toEqual(["a1", "a1"]);
    await client.ask("ack", { claims: [client.pushed[1]?.claim] });
    await client.pushes(3);
    expect(await pushedByNow(client)).toEqual(["a1", "a1", "a2"]);
  });

  test("come at the millisecond that a rate allows, by the alarm (K1)", async () => {
    const queue = await withKeys({ keys: { rate: { limit: 1, periodMs: 10_000, burst: 1 } } });
    const client = await consumer(queue, 10);
    await enqueue(queue, ...["a1", "a2"].map((payload) => keyed(payload, "a")));
    expect(await pushedByNow(client)).toEqual(["a1"]);
    queue.advance(9_999);
    await queue.sweep();
    expect(await pushedByNow(client)).toEqual(["a1"]);
    queue.advance(1);
    await queue.sweep();
    await client.pushes(2);
    expect(await pushedByNow(client)).toEqual(["a1", "a2"]);
  });

  test("stop for a key that is paused, and go on when it is reset, all by frames", async () => {
    const queue = await withKeys({});
    const client = await consumer(queue, 10);
    expect(await client.ask("setKey", { key: "a/b", paused: true })).toMatchObject({
      ok: { override: { paused: true } },
    });
    await enqueue(queue, keyed("a1", "a/b"), keyed("b1", "b"));
    expect(await pushedByNow(client)).toEqual(["b1"]);
    expect(await client.ask("listKeys", { limited: "paused" })).toMatchObject({
      ok: { keys: [{ key: "a/b", ready: 1, limited: { by: "paused", until: null } }], cursor: null },
    });
    await client.ask("resetKey", { key: "a/b" });
    await client.pushes(2);
    expect(await pushedByNow(client)).toEqual(["b1", "a1"]);
    expect(await client.ask("getKey", { key: "" })).toMatchObject({
      problem: { code: "invalid-request", field: "key" },
    });
  });

  test("begin when a strict key is unblocked, and when a rest is ended", async () => {
    const queue = await withKeys({ keys: { order: "strict" } });
    await enqueue(queue, ...["a1", "a2", "a3"].map((payload) => keyed(payload, "a")));
    await nack(queue, await claimOne(queue), { dead: true });
    const client = await consumer(queue, 1);
    expect(await pushedByNow(client)).toEqual([]);
    await client.ask("unblockKey", { key: "a" });
    await client.pushes(1);
    await client.ask("nack", { claims: [{ claim: client.pushed[0]?.claim, limitKey: true, delayMs: 3_600_000 }] });
    expect(await pushedByNow(client)).toEqual(["a2"]);
    expect(await client.ask("getKey", { key: "a" })).toMatchObject({ ok: { limited: { by: "limitKey" } } });
  });

  test("need manage for what is set, and browse for what is looked at", async () => {
    const queue = await withKeys({});
    const client = await SocketClient.openFor(queue.name, ["enqueue", "claim", "browse"]);
    const asked = await client.askAll([
      ["listKeys", {}],
      ["getKey", { key: "a" }],
      ["setKey", { key: "a", paused: true }],
      ["resetKey", { key: "a" }],
      ["unblockKey", { key: "a" }],
    ]);
    expect(asked.map(({ problem }) => problem?.code ?? "ok")).toEqual([
      "ok",
      "ok",
      "forbidden",
      "forbidden",
      "forbidden",
    ]);
  });
});

function clientOf(name: string, can: QueueServiceProps["can"]): Queue {
  const entrypoint = exports.QueueService as unknown as (options: {
    props: QueueServiceProps;
  }) => Service<typeof QueueService>;
  return new Queue(name, { binding: entrypoint({ props: { queues: ["*"], can } }) });
}

describe("a service binding", () => {
  test("looks at keys, and sets something for one, within its rights", async () => {
    const { name } = await withKeys({});
    const owner = clientOf(name, ["enqueue", "browse", "manage"]);
    await owner.enqueue(1, { key: "tenant/42" });
    expect(await owner.keys.set("tenant/42", { paused: true })).toMatchObject({ override: { paused: true } });
    expect(await owner.keys.list({ limited: "any" })).toMatchObject({ keys: [{ key: "tenant/42", ready: 1 }] });
    const viewer = clientOf(name, ["browse"]);
    expect(await viewer.keys.get("tenant/42")).toMatchObject({ limited: { by: "paused" } });
    await expect(viewer.keys.reset("tenant/42")).rejects.toMatchObject({ code: "forbidden" });
    expect(await owner.keys.unblock("tenant/42")).toMatchObject({ limited: { by: "paused" } });
    expect(await owner.keys.reset("tenant/42")).toMatchObject({ limited: null });
  });
});

describe("a dead letter", () => {
  test("has its key and its cost, and brings both home (P9)", async () => {
    const letters = new ObjectQueue();
    const queue = await withKeys({ deadLetterQueue: letters.name });
    await enqueue(queue, keyed("a1", "tenant/42", { cost: 7 }));
    await nack(queue, await claimOne(queue), { dead: true });
    await delivered(queue);
    expect(await browseAll(letters)).toMatchObject([{ payload: '"a1"', key: "tenant/42", cost: 7 }]);
    await letters.operate("redrive", { limit: 10 });
    await delivered(letters);
    expect(await browseAll(queue)).toMatchObject([{ payload: '"a1"', key: "tenant/42", cost: 7, attempts: 0 }]);
  });

  test("obeys its key in the queue that it came to, by that queue's settings", async () => {
    const letters = await withKeys({ keys: { concurrency: 1 } });
    const queue = await withKeys({ deadLetterQueue: letters.name });
    await enqueue(queue, keyed("a1", "a"), keyed("a2", "a"), keyed("b1", "b"));
    for (const held of await claim(queue, { max: 10 })) await nack(queue, held, { dead: true });
    await delivered(queue);
    expect(await claim(letters, { max: 10 })).toHaveLength(2);
  });

  test("with an id of its own comes back to its old place each time that it dies (K2)", async () => {
    const letters = new ObjectQueue();
    const queue = await withKeys({ deadLetterQueue: letters.name, keys: { order: "strict" } });
    await enqueue(queue, keyed("a1", "a", { id: "a1" }));
    await nack(queue, await claimOne(queue), { dead: true });
    await delivered(queue);
    await enqueue(queue, keyed("a2", "a"));
    for (let death = 0; death < 2; death += 1) {
      await letters.operate("redrive", { limit: 10 });
      await delivered(letters);
      const held = await claimOne(queue);
      expect(held.payload).toBe('"a1"');
      await nack(queue, held, { dead: true });
      await delivered(queue);
    }
  });

  test("blocks its strict key from afar until it is back, and comes first then (K2)", async () => {
    const letters = new ObjectQueue();
    const queue = await withKeys({ deadLetterQueue: letters.name, keys: { order: "strict" } });
    const [first] = await enqueue(queue, keyed("a1", "a"), keyed("a2", "a"), keyed("b1", "b"));
    const held = await claim(queue, { max: 10, claimTimeoutMs: 60_000 });
    for (const one of held) {
      if (one.payload === '"a1"') await nack(queue, one, { dead: true });
      if (one.payload === '"a2"') await nack(queue, one, { release: true });
    }
    await delivered(queue);
    const { report } = expectKind(await queue.operate("getKey", { key: "a" }), "key");
    expect(report).toMatchObject({ limited: { by: "blocked" }, blockedBy: [first?.id] });
    await evictDurableObject(queue.stub);
    queue.advance(60_000);
    expect(await claim(queue, { max: 10 })).toMatchObject([{ payload: '"b1"' }]);
    await letters.operate("redrive", { limit: 10 });
    await delivered(letters);
    const next = await claimOne(queue);
    expect(payloads([next])).toEqual(["a1"]);
    await ack(queue, next);
    expect(payloads([await claimOne(queue)])).toEqual(["a2"]);
  });
});
