// The server is killed and started again under twenty consumers and a producer (P1, P2, P5).

import { expect, it } from "vitest";
import { Queue } from "../../src/client/index.ts";
import { consume, type Consumer } from "../../src/consumer/index.ts";
import { serverForTests } from "../node/server-for-tests.ts";

const TASKS = 600;
const CONSUMERS = 20;
const CRASHES = 3;

const server = serverForTests();

it.each([
  ["sockets", true],
  ["polls", false],
])(
  "loses nothing and commits nothing twice, though the server is killed three times under 20 consumers by %s",
  async (by, socket) => {
    const queue = new Queue<number>(by, { url: server.url, retry: { attempts: 60, maxMs: 500 } });
    await queue.configure({ maxAttempts: null, backoff: { minMs: 0 } });

    const handled = new Map<number, number>();
    const acked = new Map<number, number>();
    const unsure = new Set<number>();
    let reconnects = 0;
    const consumers = Array.from({ length: CONSUMERS }, (_, index): Consumer<number> => {
      const consumer = consume<number>(
        async ({ payload }) => {
          await new Promise((resolve) => {
            setTimeout(resolve, 5 + (payload % 40));
          });
          count(handled, payload);
        },
        {
          queue: new Queue<number>(by, { url: server.url }),
          socket,
          claimant: `consumer-${index}`,
          concurrency: 2,
          prefetch: 2,
          claimTimeoutMs: 4_000,
          waitMs: 2_000,
        },
      );
      consumer.on("acked", ({ task }) => count(acked, task.payload));
      consumer.on("lost", ({ task, during }) => during === "ack" && unsure.add(task.payload));
      consumer.on("reconnected", () => (reconnects += 1));
      return consumer;
    });

    const producing = (async () => {
      for (let from = 0; from < TASKS; from += 20) {
        const payloads = Array.from({ length: 20 }, (_, index) => from + index);
        await Promise.all(payloads.map((payload) => queue.enqueue(payload)));
      }
    })();
    for (let crash = 1; crash <= CRASHES; crash += 1) {
      await reached(() => acked.size >= (crash * TASKS) / (CRASHES + 2));
      await server.crash();
    }
    await producing;
    await reached(async () => {
      const { ready, delayed, claimed } = await queue.stats();
      return ready + delayed + claimed === 0;
    });
    await Promise.all(consumers.map((consumer) => consumer.stop()));

    expect(reconnects).toBeGreaterThan(0);
    expect((await queue.stats()).dead).toBe(0);
    // Nothing lost: every task was worked on, and the queue is empty.
    expect(handled.size).toBe(TASKS);
    // Nothing committed twice: no task was acked by two.
    expect(Array.from(acked).filter(([, times]) => times > 1)).toEqual([]);
    // And each was acked, but for those of which the server died with the answer and nobody knows.
    const missing = Array.from({ length: TASKS }, (_, payload) => payload).filter((payload) => !acked.has(payload));
    expect(missing.filter((payload) => !unsure.has(payload))).toEqual([]);
  },
);

function count(counts: Map<number, number>, payload: number): void {
  counts.set(payload, (counts.get(payload) ?? 0) + 1);
}

/** Polls a condition that other processes bring about. */
async function reached(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) {
    await new Promise((resolve) => {
      setTimeout(resolve, 20);
    });
  }
}
