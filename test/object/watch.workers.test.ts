// Sockets that watch a queue: what they are told and when, and that watching costs a queue no row, no alarm and no time awake while
// nothing happens (P13, P14).

import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { afterEach, describe, expect, test } from "vitest";
import { SOCKET_GRANT_HEADER } from "../../src/api/grant.ts";
import { LIMITS } from "../../src/core/limits.ts";
import { ack, claimOne, configure, enqueue, task } from "../contract/builders.ts";
import { stoppedClock } from "../workers/clock.ts";
import { delivered, ObjectQueue } from "../workers/object-queue.ts";
import { SocketClient } from "../workers/socket-client.ts";

stoppedClock();

interface Told {
  readonly op?: string;
  readonly queue: { readonly name: string; readonly stats: Readonly<Record<string, number | null>> } | null;
  readonly nextAt: number | null;
}

async function quietQueue(): Promise<ObjectQueue> {
  const queue = new ObjectQueue();
  await configure(queue, { retentionMs: null });
  await delivered(queue);
  return queue;
}

function toldTo(client: SocketClient): Told[] {
  return client.received.filter(({ op }) => op === "queue") as unknown as Told[];
}

/** A socket that watches, once it was told how the queue is. */
async function watcher(queue: ObjectQueue): Promise<SocketClient> {
  const client = await SocketClient.open(queue.name);
  expect(await client.ask("watch")).toMatchObject({ ok: {} });
  await client.until(() => toldTo(client).length === 1);
  return client;
}

/** Whatever there was to be told has been, once the object has answered. */
async function toldByNow(client: SocketClient): Promise<(Told["queue"] | null)[]> {
  await client.ask("getTask", { id: "nothing" });
  return toldTo(client).map(({ queue }) => queue);
}

test("a watcher is sent the queue's state at once, and again when it has changed", async () => {
  const queue = await quietQueue();
  await enqueue(queue, task(1));
  const client = await watcher(queue);
  queue.advance(2_000);
  await enqueue(queue, task(2));
  await client.until(() => toldTo(client).length === 2);
  expect(toldTo(client)).toMatchObject([
    { queue: { name: queue.name, stats: { ready: 1 } }, nextAt: null },
    { queue: { name: queue.name, stats: { ready: 2 } }, nextAt: null },
  ]);
});

test("it is notified every two seconds at most, and then of the last state", async () => {
  const queue = await quietQueue();
  const client = await watcher(queue);
  queue.advance(1_999);
  for (const payload of [1, 2, 3]) await enqueue(queue, task(payload));
  expect(await toldByNow(client)).toHaveLength(1);
  // A timer of a millisecond has another turn, in which the two seconds are over.
  queue.advance(1);
  await client.until(() => toldTo(client).length === 2);
  expect(toldTo(client)[1]?.queue?.stats).toMatchObject({ ready: 3 });
});

test("it is sent nothing while only the age of the oldest task changes", async () => {
  const queue = await quietQueue();
  await enqueue(queue, task(1));
  const client = await watcher(queue);
  queue.advance(60_000);
  expect(await toldByNow(client)).toHaveLength(1);
});

test("it learns when the next delayed task becomes ready, and asks again then", async () => {
  const queue = await quietQueue();
  const at = queue.now() + 30_000;
  await enqueue(queue, task(1, { visibleAt: at, lane: "mail" }), task(2, { visibleAt: at + 1 }));
  const client = await watcher(queue);
  expect(toldTo(client)[0]).toMatchObject({ queue: { stats: { ready: 0, delayed: 2 } }, nextAt: at });
  queue.advance(30_000);
  await client.ask("watch");
  await client.until(() => toldTo(client).length === 2);
  expect(toldTo(client)[1]).toMatchObject({ queue: { stats: { ready: 1, delayed: 1 } }, nextAt: at + 1 });
});

test("watching outlives the object's sleep", async () => {
  const queue = await quietQueue();
  const client = await watcher(queue);
  await evictDurableObject(queue.stub);
  queue.advance(2_000);
  await enqueue(queue, task(1));
  await client.until(() => toldTo(client).length === 2);
  expect(toldTo(client)[1]?.queue?.stats).toMatchObject({ ready: 1 });
});

test("all watchers are sent the same, whenever they came", async () => {
  const queue = await quietQueue();
  const first = await watcher(queue);
  await enqueue(queue, task(1));
  const second = await watcher(queue);
  queue.advance(2_000);
  await enqueue(queue, task(1), task(2));
  for (const client of [first, second]) {
    await client.until(() => toldTo(client).some(({ queue: told }) => told?.stats["ready"] === 3));
    expect(toldTo(client).at(-1)).toEqual(toldTo(first).at(-1));
  }
});

test("one that asks again and again is answered each time, and causes no message to others", async () => {
  const queue = await quietQueue();
  await enqueue(queue, task(1));
  const [quiet, eager] = [await watcher(queue), await watcher(queue)];
  for (let asked = 2; asked <= 20; asked += 1) {
    await eager.ask("watch");
    await eager.until(() => toldTo(eager).length === asked);
  }
  expect(await toldByNow(quiet)).toHaveLength(1);
});

test("a queue that does not exist is sent as null", async () => {
  const queue = new ObjectQueue();
  const client = await watcher(queue);
  expect(toldTo(client)).toMatchObject([{ queue: null, nextAt: null }]);
});

test("watching takes the right to browse, and a body without fields", async () => {
  const queue = await quietQueue();
  const producer = await SocketClient.openFor(queue.name, ["enqueue"]);
  expect(await producer.ask("watch")).toMatchObject({ problem: { code: "forbidden", action: "browse" } });
  const client = await SocketClient.openFor(queue.name, ["browse"]);
  expect(await client.ask("watch", { everyMs: 1 })).toMatchObject({ problem: { code: "invalid-request" } });
  expect(await client.ask("watch")).toMatchObject({ ok: {} });
});

async function costOfAnHour(isWatched: boolean): Promise<unknown> {
  const queue = await quietQueue();
  queue.advance(3_600_000 - (queue.now() % 3_600_000));
  const clients = isWatched ? [await watcher(queue), await watcher(queue)] : [];
  const usage = () => runInDurableObject(queue.stub, (object) => object.usage().rowsWritten);
  const before = await usage();
  for (let minute = 0; minute < 60; minute += 1) {
    queue.advance(60_000);
    await enqueue(queue, task(minute), task(minute));
    await ack(queue, await claimOne(queue));
  }
  for (const client of clients) await client.until(() => toldTo(client).length >= 60);
  const alarmAt = await runInDurableObject(queue.stub, (_object, state) => state.storage.getAlarm());
  return { rows: (await usage()) - before, hasAlarm: alarmAt !== null };
}

test("an hour of work costs a watched queue the same rows and alarms as an unwatched one", async () => {
  expect(await costOfAnHour(true)).toEqual(await costOfAnHour(false));
});

describe("those who watch", () => {
  const { watchers, watchersOfToken } = LIMITS;
  afterEach(() => void Object.assign(LIMITS, { watchers, watchersOfToken }));

  test.each([
    ["how the queue is", {}],
    ["what happens", { facts: { kinds: ["died"] } }],
  ])("are bounded in number, of a queue and of a token: %s", async (_what, body) => {
    Object.assign(LIMITS, { watchers: 3, watchersOfToken: 2 });
    const queue = await quietQueue();
    const ofOwner = async (owner: string): Promise<SocketClient> => {
      const grant = JSON.stringify({ queues: [queue.name], can: ["browse"], owner });
      return SocketClient.over(
        await queue.stub.fetch("http://object/", { headers: { upgrade: "websocket", [SOCKET_GRANT_HEADER]: grant } }),
      );
    };
    const one = [await ofOwner("one"), await ofOwner("one"), await ofOwner("one")];
    const other = [await ofOwner("other"), await ofOwner("other")];
    const all = [...one, ...other];
    const answers = await Promise.all(all.map((client) => client.ask("watch", body)));
    expect(answers.map(({ problem }) => problem?.code ?? "ok")).toEqual([
      "ok",
      "ok",
      "rate-limited",
      "ok",
      "overloaded",
    ]);
    // Asking again takes no further place, and one who goes leaves theirs.
    expect(await one[0]?.ask("watch", body)).toMatchObject({ ok: {} });
    other[0]?.close();
    one[1]?.close();
    expect(await one[2]?.ask("watch", body)).toMatchObject({ ok: {} });
    expect(await other[1]?.ask("watch", body)).toMatchObject({ ok: {} });
  });
});
