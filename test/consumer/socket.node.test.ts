// A consumer over a real socket to a real server.

import { afterAll, beforeAll, expect, it } from "vitest";
import { Queue } from "../../src/client/index.ts";
import { consume } from "../../src/consumer/index.ts";
import { TestServer } from "../node/test-server.ts";

let server: TestServer;
const paths: string[] = [];

beforeAll(async () => {
  server = await TestServer.start();
});
afterAll(() => server.stop());

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
