// A consumer over a real socket to a real server.

import { expect, it, vi } from "vitest";
import { Queue, type StandardSchema } from "../../src/client/index.ts";
import { consume } from "../../src/consumer/index.ts";
import { serverForTests } from "../node/server-for-tests.ts";

const server = serverForTests();
const paths: string[] = [];

function open(name: string): Queue<number> {
  paths.length = 0;
  return new Queue<number>(name, {
    url: server.url,
    fetch: (url, init) => {
      paths.push(new URL(url).pathname.split("/").at(-1) ?? "");
      return fetch(url, init);
    },
  });
}

function count(total: number): { one: () => void; reached: Promise<void> } {
  let seen = 0;
  const { promise, resolve } = Promise.withResolvers<void>();
  return { one: () => void ((seen += 1) === total && resolve()), reached: promise };
}

it("claims, acks and nacks over the socket alone", async () => {
  const queue = open("socket-only");
  await queue.configure({ backoff: { minMs: 0 }, maxAttempts: 2 });
  await queue.enqueueBatch(Array.from({ length: 300 }, (_, payload) => ({ payload })));
  const consumer = consume(
    ({ payload, attempts }) => {
      if (payload % 10 === 0 && attempts === 1) throw new Error("once");
    },
    { queue, concurrency: 5, prefetch: 20 },
  );
  const { one, reached } = count(300);
  consumer.on("acked", one);
  await reached;
  await consumer.stop();
  expect(paths.filter((path) => /^(?:claim|ack|nack|extend)$/.test(path))).toEqual([]);
  expect(await queue.stats()).toMatchObject({ ready: 0, delayed: 0, claimed: 0, dead: 0 });
});

it("gives back what it holds when it stops, with no attempt counted", async () => {
  const queue = open("socket-stop");
  await queue.enqueueBatch(Array.from({ length: 20 }, (_, payload) => ({ payload })));
  const { one, reached } = count(2);
  const consumer = consume(() => new Promise(() => {}), { queue, concurrency: 2, prefetch: 6, stopTimeoutMs: 1_000 });
  consumer.on("started", one);
  await reached;
  await consumer.stop();
  const tasks = await queue.claim({ max: 100 });
  expect(tasks.map(({ attempts }) => attempts)).toEqual(Array.from({ length: 20 }, () => 1));
});

it("goes on over another socket when the server was killed", async () => {
  const queue = open("socket-crash");
  await queue.enqueue(1);
  const before = count(1);
  const after = count(2);
  const consumer = consume(() => {}, { queue });
  consumer.on("acked", before.one);
  consumer.on("acked", after.one);
  await before.reached;
  await server.crash();
  await queue.enqueue(2);
  await after.reached;
  // Until the new socket is there it may poll; then nothing but the enqueues goes over HTTP again.
  let isOverSocket = false;
  for (let tries = 0; tries < 100 && !isOverSocket; tries += 1) {
    paths.length = 0;
    const next = count(1);
    consumer.on("acked", next.one);
    await queue.enqueue(3 + tries);
    await next.reached;
    isOverSocket = !paths.includes("ack");
  }
  await consumer.stop();
  expect(isOverSocket).toBe(true);
});

it("holds no more than it runs over another socket, while it holds what came over the one before", async () => {
  const sockets: WebSocket[] = [];
  class KnownSocket extends WebSocket {
    constructor(...given: ConstructorParameters<typeof WebSocket>) {
      super(...given);
      sockets.push(this);
    }
  }
  vi.stubGlobal("WebSocket", KnownSocket);
  try {
    const queue = open("socket-again");
    await queue.enqueueBatch(Array.from({ length: 100 }, (_, payload) => ({ payload })));
    const finish: (() => void)[] = [];
    const consumer = consume(() => new Promise<void>((resolve) => finish.push(resolve)), { queue, concurrency: 10 });
    await vi.waitUntil(() => consumer.running === 10);
    sockets[0]?.close();
    await vi.waitUntil(() => sockets[0]?.readyState === WebSocket.CLOSED);
    finish[0]?.();
    await vi.waitUntil(() => sockets.length === 2 && finish.length === 11);
    expect(await queue.stats()).toMatchObject({ claimed: 10, ready: 89 });
    for (const each of finish) each();
    await consumer.stop();
  } finally {
    vi.unstubAllGlobals();
  }
});

it.each([true, false])(
  "a handler may finish its task itself, in one commit with what follows from it (socket: %s)",
  async (socket) => {
    const queue = open(`own-modify-${socket}`);
    await queue.enqueueBatch([{ payload: 1 }, { payload: 2 }]);
    const { one, reached } = count(2);
    const consumer = consume(
      async ({ claim, payload }) => {
        await queue.modify({ delete: [{ claim }], insert: [{ payload: payload * 10, lane: "next" }] });
      },
      { queue, socket, logger: null },
    );
    const seen: string[] = [];
    for (const name of ["acked", "lost"] as const) {
      consumer.on(name, () => {
        seen.push(name);
        one();
      });
    }
    await reached;
    await consumer.stop();
    expect(seen).toEqual(["acked", "acked"]);
    expect((await queue.claim({ max: 9, lanes: ["next"] })).map(({ payload }) => payload)).toEqual([10, 20]);
  },
);

/** Throws over a payload that is null, as a schema does that was not written for it. */
const FRAGILE: StandardSchema<{ n: number } | null, { n: number }> = {
  "~standard": {
    version: 1,
    vendor: "test",
    validate: (value) => ({ value: { n: (value as { n: number }).n } }),
  },
};

it.each([true, false])(
  "a schema that throws over one task fails it, and the others go on (socket: %s)",
  async (socket) => {
    const queue = new Queue(`fragile-${socket}`, { url: server.url, schema: FRAGILE, validateClaims: true });
    const plain = new Queue(queue.name, { url: server.url });
    await plain.enqueueBatch([{ payload: { n: 1 } }, { payload: null, maxAttempts: 1 }, { payload: { n: 2 } }]);
    const failures: string[] = [];
    const { one, reached } = count(3);
    const seen: number[] = [];
    const consumer = consume(({ payload }) => void seen.push(payload.n), { queue, socket });
    consumer.on("acked", one);
    consumer.on("failed", ({ error, dead }) => {
      failures.push(`${String(error)} ${dead}`);
      one();
    });
    await reached;
    await consumer.stop();
    expect(seen).toEqual([1, 2]);
    expect(failures).toEqual([expect.stringMatching(/^TypeError.*null.* false$/)]);
    expect((await plain.browse({ state: "dead" })).tasks).toMatchObject([{ payload: null, attempts: 1 }]);
  },
);

it.each([86_400_000, -86_400_000])("a clock set by %d ms under a running handler costs nothing", async (stepMs) => {
  const queue = open(`clock-${stepMs}`);
  await queue.enqueue(1);
  const extended = count(4);
  const acked = count(1);
  const problems: unknown[] = [];
  const consumer = consume(() => extended.reached, { queue, claimTimeoutMs: 1_000, extendEveryMs: 100 });
  let extensions = 0;
  consumer.on("extended", () => {
    extensions += 1;
    if (extensions === 2) vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + stepMs });
    extended.one();
  });
  consumer.on("acked", acked.one);
  consumer.on("lost", (event) => problems.push(event));
  await acked.reached;
  await consumer.stop();
  vi.useRealTimers();
  expect(problems).toEqual([]);
  expect(await queue.stats()).toMatchObject({ ready: 0, claimed: 0, delayed: 0, dead: 0 });
});
