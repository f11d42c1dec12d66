// A task for which a consumer waits: its enqueue, its claim and what both are told are one turn and one commit, whichever way the
// consumer waits (P7, P14).

import { runInDurableObject } from "cloudflare:test";
import { describe, expect, test, vi } from "vitest";
import { claimOne, configure, counts, enqueue, stats, task } from "../contract/builders.ts";
import { answerOf, fetchPath, send, type Answer, type SentClaim } from "../workers/api.ts";
import { stoppedClock } from "../workers/clock.ts";
import { ObjectQueue } from "../workers/object-queue.ts";
import { SocketClient } from "../workers/socket-client.ts";

const clock = stoppedClock();

/** A queue that exists and has been registered, and does nothing by itself. */
async function quietQueue(): Promise<ObjectQueue> {
  const queue = new ObjectQueue();
  await configure(queue, { retentionMs: null });
  await enqueue(queue, task("before"));
  await claimOne(queue);
  await vi.waitUntil(async () => (await stats(queue)).outbox === 0, { timeout: 10_000 });
  return queue;
}

interface Work {
  /** Each is one event of the object's, which the platform commits as one. */
  readonly transactions: number;
  /** Statements by the transaction that they were part of; 0: of none. */
  readonly statements: readonly number[];
}

/** What the object does in its database while `act` runs. */
async function workOf(queue: ObjectQueue, act: () => Promise<unknown>): Promise<Work> {
  let transactions = 0;
  let inTransaction = 0;
  const statements: number[] = [];
  const spies = await runInDurableObject(queue.stub, (_object, { storage }) => {
    const { sql } = storage;
    const transactionSync = storage.transactionSync.bind(storage);
    const exec = sql.exec.bind(sql);
    return [
      vi.spyOn(storage, "transactionSync").mockImplementation((body) => {
        transactions += 1;
        inTransaction = transactions;
        try {
          return transactionSync(body);
        } finally {
          inTransaction = 0;
        }
      }),
      vi.spyOn(sql, "exec").mockImplementation(((...given: Parameters<typeof exec>) => {
        statements.push(inTransaction);
        return exec(...given);
      }) as typeof exec),
    ];
  });
  await act();
  for (const spy of spies) spy.mockRestore();
  return { transactions, statements };
}

/** One turn, which writes the task and its claim. */
const ONE_TURN: Work = { transactions: 1, statements: [1, 1] };

/** A claim that waits: its answer has begun, which says so. */
async function park(queue: ObjectQueue): Promise<{ readonly answer: Promise<Answer<{ tasks: SentClaim[] }>> }> {
  const response = await fetchPath(`/v1/queues/${queue.name}/claim`, {
    method: "POST",
    body: JSON.stringify({ waitMs: 20_000 }),
    headers: { "content-type": "application/json" },
  });
  return { answer: answerOf(response) };
}

async function consumerWithCredit(queue: ObjectQueue): Promise<SocketClient> {
  const client = await SocketClient.open(queue.name);
  await client.ask("credit", { n: 10 });
  return client;
}

/** Who is told in which order, once the object has worked and then nobody has asked anything for so long. */
async function toldAfter(restMs: number): Promise<string[]> {
  const queue = await quietQueue();
  const consumer = await consumerWithCredit(queue);
  const producer = await SocketClient.open(queue.name);
  await producer.ask("getTask", { id: "nothing" });
  clock.advance(restMs);
  const told: string[] = [];
  await Promise.all([
    producer.ask("enqueue", { payload: "new" }).then(() => told.push("producer")),
    consumer.pushes(1).then(() => told.push("consumer")),
  ]);
  return told;
}

describe("one turn and one commit for a task that is waited for", () => {
  test("by a socket with credit, enqueued over a socket", async () => {
    const queue = await quietQueue();
    const consumer = await consumerWithCredit(queue);
    const producer = await SocketClient.open(queue.name);
    const work = await workOf(queue, () =>
      Promise.all([producer.ask("enqueue", { payload: "new" }), consumer.pushes(1)]),
    );
    expect(work).toEqual(ONE_TURN);
    expect(await counts(queue)).toEqual([0, 0, 2, 0]);
  });

  test("by a socket with credit, enqueued over HTTP", async () => {
    const queue = await quietQueue();
    const consumer = await consumerWithCredit(queue);
    const enqueued = () => send("POST", `/v1/queues/${queue.name}/tasks`, { payload: "new" });
    expect(await workOf(queue, () => Promise.all([enqueued(), consumer.pushes(1)]))).toEqual(ONE_TURN);
  });

  test("by a long poll, enqueued over HTTP", async () => {
    const queue = await quietQueue();
    const { answer } = await park(queue);
    const enqueued = () => send("POST", `/v1/queues/${queue.name}/tasks`, { payload: "new" });
    expect(await workOf(queue, () => Promise.all([enqueued(), answer]))).toEqual(ONE_TURN);
    expect((await answer).body.tasks).toMatchObject([{ payload: "new" }]);
  });

  test("by a long poll, enqueued over a socket", async () => {
    const queue = await quietQueue();
    const { answer } = await park(queue);
    const producer = await SocketClient.open(queue.name);
    const work = await workOf(queue, () => Promise.all([producer.ask("enqueue", { payload: "new" }), answer]));
    expect(work).toEqual(ONE_TURN);
  });
});

describe("who hears of a turn first", () => {
  test("is the consumer after a rest: nobody's next request could share a turn with its ack", async () => {
    expect(await toldAfter(10)).toEqual(["consumer", "producer"]);
  });

  test("is the producer otherwise: its next request comes in one turn with the ack", async () => {
    expect(await toldAfter(9)).toEqual(["producer", "consumer"]);
  });
});
