// Consumers on sockets: tasks pushed under credit, through sleep and eviction, deadlines and closing (P2, P3, P7, P13).

import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, test, vi } from "vitest";
import { OBJECT_PARTS } from "../../src/core/held-bytes.ts";
import { LIMITS } from "../../src/core/limits.ts";
import { ack, browseAll, claimOne, configure, counts, enqueue, get, ref, stats, task } from "../contract/builders.ts";
import { stoppedClock } from "../workers/clock.ts";
import { ObjectQueue } from "../workers/object-queue.ts";
import { SocketClient, type PushedTask } from "../workers/socket-client.ts";

stoppedClock();

const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index);
const payloadsOf = (tasks: readonly PushedTask[]): unknown[] => tasks.map(({ payload }) => payload);
const tokensOf = (tasks: readonly PushedTask[]): string[] => tasks.map(({ claim }) => claim);

/** A queue that exists and has been registered, and sets no alarm of its own. */
async function quietQueue(): Promise<ObjectQueue> {
  const queue = new ObjectQueue();
  await configure(queue, { retentionMs: null });
  await vi.waitUntil(async () => (await stats(queue)).outbox === 0, { timeout: 10_000 });
  await runInDurableObject(queue.stub, (_object, state) => state.storage.deleteAlarm());
  await evictDurableObject(queue.stub);
  return queue;
}

async function consumer(queue: ObjectQueue, credit: Readonly<Record<string, unknown>>): Promise<SocketClient> {
  const client = await SocketClient.open(queue.name);
  expect(await client.ask("credit", credit)).toMatchObject({ ok: { n: credit["n"] } });
  return client;
}

/** The alarm of the object, in ms from now; null: none is set. */
async function alarmIn(queue: ObjectQueue): Promise<number | null> {
  const at = await runInDurableObject(queue.stub, (_object, state) => state.storage.getAlarm());
  return at === null ? null : at - queue.now();
}

/** Whatever was to be pushed in the turns before has been, once the object has answered. */
async function pushedByNow(client: SocketClient): Promise<PushedTask[]> {
  await client.ask("getTask", { id: "nothing" });
  return client.pushed;
}

describe("credit", () => {
  test("ready tasks are pushed at once, and others as they are enqueued", async () => {
    const queue = new ObjectQueue();
    await enqueue(queue, task("there already"));
    const client = await consumer(queue, { n: 10, claimant: "me", claimTimeoutMs: 5_000 });
    await enqueue(queue, task("later"));
    const [first] = await client.pushes(2);
    expect(payloadsOf(client.pushed)).toEqual(["there already", "later"]);
    expect(first).toMatchObject({ attempts: 1, claimedUntil: queue.now() + 5_000 });
    expect(await get(queue, first?.id ?? "")).toMatchObject({ state: "claimed", claimant: "me" });
  });

  test("a socket holds no more than its credit, and settling makes room", async () => {
    const queue = new ObjectQueue();
    await enqueue(queue, ...numbers(10).map((n) => task(n)));
    const client = await consumer(queue, { n: 3 });
    expect(payloadsOf(await pushedByNow(client))).toEqual([0, 1, 2]);
    const [a, b, c] = tokensOf(client.pushed);
    await client.ask("ack", { claims: [a] });
    expect(payloadsOf(await pushedByNow(client))).toEqual([0, 1, 2, 3]);
    // A nacked task with a delay leaves room for another; an extended one does not.
    await client.ask("nack", { claims: [{ claim: b, delayMs: 60_000 }] });
    await client.ask("extend", { claims: [c], claimTimeoutMs: 60_000 });
    expect(payloadsOf(await pushedByNow(client))).toEqual([0, 1, 2, 3, 4]);
  });

  test("what was settled over another connection makes room too", async () => {
    const queue = new ObjectQueue();
    await enqueue(queue, task("a"), task("b"));
    const client = await consumer(queue, { n: 1 });
    const [held] = await client.pushes(1);
    await queue.operate("ack", { claims: [ref(held?.claim ?? "")] });
    expect(payloadsOf(await client.pushes(2))).toEqual(["a", "b"]);
  });

  test("what a socket claims for itself counts against its credit", async () => {
    const queue = new ObjectQueue();
    await enqueue(queue, ...numbers(5).map((n) => task(n)));
    const client = await SocketClient.open(queue.name);
    await client.ask("claim", { max: 2 });
    await client.ask("credit", { n: 3 });
    expect(payloadsOf(await pushedByNow(client))).toEqual([2]);
  });

  test("new credit replaces the old: lanes, timeout and number", async () => {
    const queue = new ObjectQueue();
    const client = await consumer(queue, { n: 5 });
    await client.ask("credit", { n: 2, lanes: ["urgent", "main"] });
    await enqueue(queue, task("m"), task("u", { lane: "urgent" }), task("m2"));
    expect(payloadsOf(await pushedByNow(client))).toEqual(["u", "m"]);
    await client.ask("credit", { n: 0 });
    await client.ask("ack", { claims: tokensOf(client.pushed) });
    expect(await pushedByNow(client)).toHaveLength(2);
    expect(await counts(queue)).toEqual([1, 0, 0, 0]);
  });

  test("consumers of the same lanes take turns", async () => {
    const queue = new ObjectQueue();
    const [one, two] = [await consumer(queue, { n: 1_000 }), await consumer(queue, { n: 1_000 })];
    await enqueue(queue, ...numbers(4 * LIMITS.pushTasks).map((n) => task(n)));
    await Promise.all([one.pushes(2 * LIMITS.pushTasks), two.pushes(2 * LIMITS.pushTasks)]);
    const frames = [one, two].map((client) => client.received.filter(({ op }) => op === "tasks").length);
    expect(frames).toEqual([2, 2]);
  });

  test("an enqueue goes to who has waited longest, on a socket or not", async () => {
    const queue = new ObjectQueue();
    const socket = await consumer(queue, { n: 1 });
    const parked = queue.operate("claim", { max: 1, lanes: { inOrder: ["main"] }, waitMs: 10_000 });
    await enqueue(queue, task("a"), task("b"));
    expect(payloadsOf(await socket.pushes(1))).toEqual(["a"]);
    expect(await parked).toMatchObject({ tasks: [{ payload: '"b"' }] });
  });

  test("a task whose claim lasts no time is pushed once, and again only when a push's least timeout has passed", async () => {
    const queue = new ObjectQueue();
    await configure(queue, { claimTimeoutMs: 0, maxAttempts: null });
    const client = await consumer(queue, { n: 10 });
    await enqueue(queue, task("x"));
    expect((await client.pushes(1)).map(({ attempts }) => attempts)).toEqual([1]);
    queue.advance(LIMITS.pushTimeoutMs - 1);
    expect(await pushedByNow(client)).toHaveLength(1);
    queue.advance(1);
    await queue.sweep();
    // The first ran out, which costs the consumer its credit.
    expect(await pushedByNow(client)).toHaveLength(1);
    expect(await client.ask("credit", { n: 10 })).toMatchObject({ ok: { n: 10 } });
    expect((await client.pushes(2)).map(({ attempts }) => attempts)).toEqual([1, 2]);
  });

  test("a paused queue pushes nothing, and goes on when it is resumed", async () => {
    const queue = new ObjectQueue();
    const client = await consumer(queue, { n: 5 });
    await configure(queue, { paused: true });
    await enqueue(queue, task(1));
    expect(await pushedByNow(client)).toEqual([]);
    await configure(queue, { paused: false });
    expect(payloadsOf(await client.pushes(1))).toEqual([1]);
  });

  test("a pushed frame is bounded in tasks and in bytes", async () => {
    const queue = new ObjectQueue();
    await enqueue(queue, ...numbers(150).map((n) => task(n)), ...numbers(3).map(() => task("x".repeat(400_000))));
    const client = await consumer(queue, { n: 1_000 });
    await client.pushes(153);
    const pushes = client.received.flatMap((message) => (message.op === "tasks" ? [message.tasks?.length] : []));
    expect(pushes).toEqual([LIMITS.pushTasks, 52, 1]);
  });
});

describe("time", () => {
  test("a delayed task is pushed when it becomes visible, by the alarm", async () => {
    const queue = await quietQueue();
    const client = await consumer(queue, { n: 1 });
    await enqueue(queue, task("later", { delayMs: 7_000 }));
    expect(await alarmIn(queue)).toBe(7_000);
    await evictDurableObject(queue.stub);
    queue.advance(7_000);
    expect(await runDurableObjectAlarm(queue.stub)).toBe(true);
    expect(payloadsOf(await client.pushes(1))).toEqual(["later"]);
  });

  test("without credit a delayed task needs no alarm of its own", async () => {
    const queue = await quietQueue();
    const client = await consumer(queue, { n: 1 });
    await client.ask("credit", { n: 0 });
    await enqueue(queue, task("later", { delayMs: 7_000 }));
    expect(await alarmIn(queue)).toBeNull();
  });

  test("a task given back by its claim's deadline is pushed to who waits", async () => {
    const queue = new ObjectQueue();
    await enqueue(queue, task("lost"));
    await claimOne(queue, { claimTimeoutMs: 2_000 });
    const client = await consumer(queue, { n: 1 });
    await evictDurableObject(queue.stub);
    queue.advance(2_000);
    await runDurableObjectAlarm(queue.stub);
    expect(await client.pushes(1)).toMatchObject([{ payload: "lost", attempts: 2 }]);
  });

  test("a consumer that lets a task run out loses its credit, is notified, and may grant it anew", async () => {
    const queue = new ObjectQueue();
    const [hung, other] = [await consumer(queue, { n: 5, claimTimeoutMs: 1_000 }), await SocketClient.open(queue.name)];
    await enqueue(queue, task("a"));
    await hung.pushes(1);
    queue.advance(1_000);
    await queue.sweep();
    await hung.until(() => hung.received.some(({ op }) => op === "lapsed"));
    expect(await pushedByNow(hung)).toHaveLength(1);
    await other.ask("credit", { n: 5 });
    expect(await other.pushes(1)).toMatchObject([{ payload: "a", attempts: 2 }]);
    await enqueue(queue, task("b"));
    await other.pushes(2);
    await other.ask("credit", { n: 0 });
    await hung.ask("credit", { n: 5 });
    await enqueue(queue, task("c"));
    expect(payloadsOf(await hung.pushes(2))).toEqual(["a", "c"]);
  });

  test("a lapse while the object sleeps is found when it wakes", async () => {
    const queue = new ObjectQueue();
    const client = await consumer(queue, { n: 5, claimTimeoutMs: 1_000 });
    await enqueue(queue, task("a"));
    await client.pushes(1);
    await evictDurableObject(queue.stub);
    queue.advance(1_000);
    await runDurableObjectAlarm(queue.stub);
    await client.until(() => client.received.some(({ op }) => op === "lapsed"));
    expect(await counts(queue)).toEqual([1, 0, 0, 0]);
    await evictDurableObject(queue.stub);
    await enqueue(queue, task("b"));
    expect(await pushedByNow(client)).toHaveLength(1);
  });
});

const isRefusal = ({ id, problem }: { id?: unknown; problem?: { code: string } }): boolean =>
  id === null && problem?.code === "unauthorized";

describe("a token that ends", () => {
  test("takes its socket with it at the next frame, which does nothing", async () => {
    const queue = new ObjectQueue();
    const client = await SocketClient.openFor(queue.name, ["enqueue"], Date.now() + 1_000);
    queue.advance(999);
    expect(await client.ask("enqueue", { payload: 1 })).toMatchObject({ ok: { tasks: [{ duplicate: false }] } });
    queue.advance(1);
    client.send(JSON.stringify({ id: 7, op: "enqueue", body: { payload: 2 } }));
    expect(await client.closed).toMatchObject({ code: 4401 });
    expect(client.received.filter(isRefusal)).toHaveLength(1);
    expect(await counts(queue)).toEqual([1, 0, 0, 0]);
  });

  test("before it expires, since it was revoked, takes a socket with it that says nothing", async () => {
    const queue = new ObjectQueue();
    const client = await SocketClient.openFor(queue.name, ["browse"], Date.now() + 86_400_000, ["token-9"]);
    const other = await SocketClient.openFor(queue.name, ["enqueue"], Date.now() + 86_400_000, ["token-10"]);
    await env.DIRECTORY.getByName("directory").revoke("token-9", Date.now() + 86_400_000);
    queue.advance(30_000);
    expect(await other.ask("enqueue", { payload: 1 })).toMatchObject({ ok: { tasks: [{ duplicate: false }] } });
    expect(await client.closed).toMatchObject({ code: 4401 });
    expect(client.received.filter(isRefusal)).toHaveLength(1);
    expect(await other.ask("enqueue", { payload: 2 })).toMatchObject({ ok: { tasks: [{ duplicate: false }] } });
  });

  test("takes thousands of sockets with it, some after each turn", async () => {
    const queue = new ObjectQueue();
    const [most, sockets] = [10, 25];
    const { turnServed } = LIMITS;
    const ends = Date.now() + 86_400_000;
    const opened = Array.from({ length: sockets }, () =>
      SocketClient.openFor(queue.name, ["browse"], ends, ["token-11"]),
    );
    const clients = await Promise.all(opened);
    await env.DIRECTORY.getByName("directory").revoke("token-11", ends);
    // The isolate has asked before, in a time that began anew since.
    queue.advance(90_000);
    const close = vi.spyOn(WebSocket.prototype, "close");
    const ended = () => close.mock.calls.filter(([code]) => code === 4401).length;
    const endedBy: number[] = [];
    await runInDurableObject(queue.stub, (_, { storage }) => {
      const transaction = storage.transactionSync.bind(storage);
      vi.spyOn(storage, "transactionSync").mockImplementation((change) => {
        endedBy.push(ended());
        return transaction(change);
      });
    });
    Object.assign(LIMITS, { turnServed: most });
    try {
      await enqueue(queue, task(1));
      for (const { closed } of clients) expect(await closed).toMatchObject({ code: 4401 });
      endedBy.push(ended());
    } finally {
      Object.assign(LIMITS, { turnServed });
      vi.restoreAllMocks();
    }
    expect([...new Set(endedBy)]).toEqual([0, 10, 20, 25]);
  });

  test.each(["awake", "asleep"])("takes its socket with it instead of a push: %s", async (how) => {
    const queue = new ObjectQueue();
    const client = await SocketClient.openFor(queue.name, ["claim"], Date.now() + 1_000);
    await client.ask("credit", { n: 5 });
    if (how === "asleep") await evictDurableObject(queue.stub);
    queue.advance(1_000);
    await enqueue(queue, task("for another"));
    expect(await client.closed).toMatchObject({ code: 4401 });
    expect(client.pushed).toEqual([]);
    expect(await counts(queue)).toEqual([1, 0, 0, 0]);
  });
});

describe("sleep", () => {
  test("credit, its options and what is held outlive eviction", async () => {
    const queue = new ObjectQueue();
    const client = await consumer(queue, { n: 3, claimant: "me", lanes: { any: ["a", "b"] }, claimTimeoutMs: 9_000 });
    await enqueue(queue, task(1, { lane: "a" }), task(2, { lane: "b" }));
    const held = await client.pushes(2);
    await evictDurableObject(queue.stub);
    await enqueue(queue, task(3, { lane: "a" }), task(4, { lane: "b" }), task(5));
    expect(await pushedByNow(client)).toHaveLength(3);
    expect(client.pushed[2]).toMatchObject({ claimedUntil: queue.now() + 9_000 });
    await evictDurableObject(queue.stub);
    expect(await client.ask("ack", { claims: tokensOf(held) })).toMatchObject({
      ok: { results: [{ ok: true }, { ok: true }] },
    });
    expect(await pushedByNow(client)).toHaveLength(4);
    const claimed = await browseAll(queue, "claimed");
    expect(claimed.map(({ claimant }) => claimant)).toEqual(["me", "me"]);
  });

  test("a thousand idle consumers write no row, set no timer and no alarm, and let the object sleep", async () => {
    const queue = await quietQueue();
    const timer = vi.spyOn(globalThis, "setTimeout");
    // Opened at the object: a thousand calls of the Worker from within a test take a minute.
    const clients = await Promise.all(numbers(1_000).map(() => SocketClient.openFor(queue.name, ["claim"])));
    await Promise.all(clients.map((client) => client.ask("credit", { n: 5 })));
    // The end of a turn and nothing else.
    expect(timer.mock.calls.map(([, ms]) => ms).filter((ms) => ms !== 0)).toEqual([]);
    expect(await runInDurableObject(queue.stub, (object) => object.usage().rowsWritten)).toBe(0);
    expect(await alarmIn(queue)).toBeNull();

    await evictDurableObject(queue.stub);
    for (const client of clients) client.send("ping");
    await Promise.all(clients.map((client) => client.until(() => client.frames.includes("pong"))));
    await expect(evictDurableObject(queue.stub)).rejects.toThrow("not currently running");
    expect(await queue.rowsWritten(() => enqueue(queue, task("for one of them")))).toBe(2);
    expect(clients.flatMap(({ pushed }) => pushed)).toHaveLength(1);
  });
});

describe("closing", () => {
  test("what a closed socket held comes back at its deadline", async () => {
    const queue = new ObjectQueue();
    const client = await consumer(queue, { n: 2, claimTimeoutMs: 3_000 });
    await enqueue(queue, task(1), task(2));
    await client.pushes(2);
    client.close();
    await client.closed;
    expect(await counts(queue)).toEqual([0, 0, 2, 0]);
    queue.advance(3_000);
    expect(await counts(queue)).toEqual([2, 0, 0, 0]);
  });

  test("or at once, not counted as an attempt, if it asked for this", async () => {
    const queue = new ObjectQueue();
    const client = await consumer(queue, { n: 2, release: true });
    await enqueue(queue, task(1), task(2));
    const [first] = await client.pushes(2);
    await client.ask("ack", { claims: [first?.claim] });
    await evictDurableObject(queue.stub);
    client.close();
    await client.closed;
    await vi.waitUntil(async () => (await counts(queue))[0] === 1, { timeout: 10_000 });
    expect(await claimOne(queue)).toMatchObject({ payload: "2", attempts: 1 });
  });

  test("what it claimed for itself is released too, and is pushed to another", async () => {
    const queue = new ObjectQueue();
    const [one, two] = [await SocketClient.open(queue.name), await consumer(queue, { n: 5, lanes: ["other"] })];
    await enqueue(queue, ...numbers(3).map((n) => task(n)));
    await one.ask("claim", { max: 3 });
    await one.ask("credit", { n: 0, release: true });
    await two.ask("credit", { n: 5 });
    one.close();
    expect(new Set(payloadsOf(await two.pushes(3)))).toEqual(new Set([0, 1, 2]));
  });

  test("a socket that the queue closes for a bad frame releases what it asked to have released", async () => {
    const queue = new ObjectQueue();
    const client = await consumer(queue, { n: 2, release: true });
    await enqueue(queue, task(1));
    await client.pushes(1);
    client.send("not JSON");
    expect(await client.closed).toMatchObject({ code: 1007 });
    await vi.waitUntil(async () => (await counts(queue))[0] === 1, { timeout: 10_000 });
  });

  test("a closed socket's old claims cannot be acked once they are released (P4)", async () => {
    const queue = new ObjectQueue();
    const client = await consumer(queue, { n: 1, release: true });
    await enqueue(queue, task(1));
    const [held] = await client.pushes(1);
    client.close();
    await vi.waitUntil(async () => (await counts(queue))[0] === 1, { timeout: 10_000 });
    const again = await claimOne(queue);
    expect(await queue.operate("ack", { claims: [ref(held?.claim ?? "")] })).toMatchObject({
      results: [{ ok: false, code: "claim-lost" }],
    });
    expect(await ack(queue, again)).toEqual(["ok"]);
  });
});

describe("a slow reader", () => {
  const PAYLOAD = "x".repeat(100_000);

  test("is pushed no more than the window until it shows what it has read", async () => {
    const queue = new ObjectQueue();
    const client = await SocketClient.open(queue.name);
    client.isReading = false;
    await enqueue(queue, ...numbers(100).map(() => task(PAYLOAD)));
    await client.ask("credit", { n: 100 });
    const before = await pushedByNow(client);
    // One frame beyond the window at most.
    const most = LIMITS.pushWindowBytes + LIMITS.frameTaskBytes + LIMITS.payloadBytes;
    expect(before.length * PAYLOAD.length).toBeGreaterThanOrEqual(LIMITS.pushWindowBytes);
    expect(before.length * PAYLOAD.length).toBeLessThan(most);

    client.isReading = true;
    for (const message of client.received) if (message.op === "sync") client.send(JSON.stringify(message));
    expect(await client.pushes(100)).toHaveLength(100);
  });

  test("slows no other consumer down", async () => {
    const queue = new ObjectQueue();
    const slow = await SocketClient.open(queue.name);
    slow.isReading = false;
    const fast = await SocketClient.open(queue.name);
    await enqueue(queue, ...numbers(100).map(() => task(PAYLOAD)));
    await slow.ask("credit", { n: 100 });
    const taken = (await pushedByNow(slow)).length;
    await fast.ask("credit", { n: 100 });
    expect(await fast.pushes(100 - taken)).toHaveLength(100 - taken);
  });

  test("keeps from others what all may have unread together, until it closes; then they are pushed to again", async () => {
    const queue = new ObjectQueue();
    // As many of the largest as leave little room for all others.
    const most = (OBJECT_PARTS.unread * 3) / 4 / LIMITS.payloadBytes;
    const silent = await consumer(queue, { n: most, lanes: ["silent"] });
    const sockets = [silent];
    for (let n = 1; n < most; n += 1) sockets.push(await consumer(queue, { n: 1, lanes: ["silent"] }));
    for (const socket of sockets) socket.isReading = false;
    const large = "x".repeat(LIMITS.payloadBytes - 2);
    const half = Math.floor(most / 2);
    for (const count of [half, most - half]) {
      await enqueue(queue, ...numbers(count).map(() => task(large, { lane: "silent" })));
    }
    await Promise.all(sockets.map((socket) => socket.pushes(1)));
    const last = await SocketClient.open(queue.name);
    last.isReading = false;
    const tasks = numbers(1_000).map((n) => ({ payload: n, delayMs: 3_600_000 }));
    let sent = 0;
    // Small answers, until the last of what there is for all is used up.
    while ((await last.ask("enqueue", { tasks })).problem?.code !== "overloaded") expect((sent += 1)).toBeLessThan(200);
    const healthy = await consumer(queue, { n: 1 });
    await enqueue(queue, task("waits"));
    expect(await pushedByNow(healthy)).toEqual([]);
    last.close();
    expect(payloadsOf(await healthy.pushes(1))).toEqual(["waits"]);
  });

  test("starves no reader, however much of the memory others have unread: it is asked at once, and pushed to again", async () => {
    const queue = new ObjectQueue();
    const large = "x".repeat(LIMITS.payloadBytes - 2);
    const silent = Math.ceil((OBJECT_PARTS.unread * 3) / 4 / LIMITS.payloadBytes);
    for (const _ of numbers(silent)) {
      const socket = await consumer(queue, { n: 1, lanes: ["silent"] });
      socket.isReading = false;
      await enqueue(queue, task(large, { lane: "silent" }));
      await socket.pushes(1);
    }
    const healthy = await consumer(queue, { n: 10 });
    for (const n of numbers(10)) {
      await enqueue(queue, task(n));
      await healthy.pushes(n + 1);
    }
    expect(payloadsOf(healthy.pushed)).toEqual(numbers(10));
  });

  test("is refused large answers, and in the end closed", async () => {
    const queue = new ObjectQueue();
    const client = await SocketClient.open(queue.name);
    client.isReading = false;
    await enqueue(queue, task("x".repeat(LIMITS.payloadBytes - 2), { id: "large" }));
    const looks = numbers(9).map(() => ["getTask", { id: "large" }] as const);
    const codes = (await client.askAll(looks)).map(({ problem }) => problem?.code ?? "ok");
    expect(codes).toEqual([...numbers(8).map(() => "ok"), "overloaded"]);
    expect(await client.ask("enqueue", { payload: 1 })).toMatchObject({ ok: {} });

    const tasks = numbers(1_000).map((n) => ({ payload: n }));
    for (const id of numbers(500)) client.send(JSON.stringify({ id, op: "enqueue", body: { tasks } }));
    expect(await client.closed).toMatchObject({ code: 4408 });
  });

  test("counts for nothing once it has closed: others are given large answers as ever", async () => {
    const queue = new ObjectQueue();
    await enqueue(queue, task("x".repeat(LIMITS.payloadBytes - 2), { id: "large" }));
    const looks = numbers(8).map(() => ["getTask", { id: "large" }] as const);
    // What all sockets may have unread together, beyond which nobody is given a large answer.
    const sockets = Math.ceil(OBJECT_PARTS.unread / (looks.length * LIMITS.payloadBytes)) + 1;
    for (const _ of numbers(sockets)) {
      const client = await SocketClient.open(queue.name);
      client.isReading = false;
      await client.askAll(looks);
      client.close();
      await client.closed;
    }
    const reader = await consumer(queue, { n: 1 });
    expect((await reader.pushes(1)).map(({ id }) => id)).toEqual(["large"]);
    expect(await reader.ask("getTask", { id: "large" })).toMatchObject({ ok: { id: "large" } });
  });
});
