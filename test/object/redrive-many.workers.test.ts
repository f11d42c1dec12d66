// Redriving all of a large dead-letter queue: every dead letter is found, wherever it lies, and payloads stay in the database (P9).

import { describe, expect, test, vi } from "vitest";
import type { OutcomeOf, RedriveInput } from "../../src/core/operation.ts";
import { QueueObject } from "../../src/object/queue-object.ts";
import { ObjectSql } from "../../src/object/object-sql.ts";
import { claim, claimOne, configure, counts, enqueue, expectKind, nack, ref, task } from "../contract/builders.ts";
import { stoppedClock } from "../workers/clock.ts";
import { delivered, ObjectQueue } from "../workers/object-queue.ts";

stoppedClock();

async function pair(): Promise<{ queue: ObjectQueue; letters: ObjectQueue }> {
  const [queue, letters] = [new ObjectQueue(), new ObjectQueue()];
  await configure(queue, { deadLetterQueue: letters.name, retentionMs: null });
  await delivered(queue);
  return { queue, letters };
}

async function die(queue: ObjectQueue, max: number): Promise<void> {
  const held = await claim(queue, { max });
  await queue.operate("nack", { claims: held.map((one) => ({ claim: ref(one.claim), dead: true })) });
}

type Redriven = Extract<OutcomeOf<"redrive">, { kind: "redriven" }>;

/** Asks until there is no more; answers with each answer. */
async function redriveAll(queue: ObjectQueue, input: RedriveInput = { limit: 1_000 }): Promise<Redriven[]> {
  const answers: Redriven[] = [];
  for (let after: RedriveInput["after"] | null = input.after; after !== null;) {
    const asked: RedriveInput = after === undefined ? input : { ...input, after };
    const answer = expectKind(await queue.operate("redrive", asked), "redriven");
    answers.push(answer);
    ({ after } = answer);
  }
  return answers;
}

const sum = (answers: readonly Redriven[]): number => answers.reduce((total, { tasks }) => total + tasks, 0);

test("a dead letter after 12,000 other tasks, plain or not, is found", async () => {
  const { queue, letters } = await pair();
  for (let batch = 0; batch < 12; batch += 1) {
    const options = batch < 6 ? {} : { priority: 1 };
    await enqueue(letters, ...Array.from({ length: 1_000 }, () => task("in the way", options)));
  }
  await enqueue(queue, task("far"));
  await die(queue, 1);
  await delivered(queue);
  expect(sum(await redriveAll(letters))).toBe(1);
  await delivered(letters);
  expect(await counts(queue)).toEqual([1, 0, 0, 0]);
});

test("what is redriven and dies again meanwhile is not redriven for ever", async () => {
  const queue = new ObjectQueue();
  await configure(queue, { retentionMs: null });
  await enqueue(queue, ...Array.from({ length: 5 }, (_, index) => task(index)));
  await die(queue, 5);
  queue.advance(10);
  let [answer] = [expectKind(await queue.operate("redrive", { limit: 2 }), "redriven")];
  let tasks = answer.tasks;
  while (answer.after !== null) {
    queue.advance(10);
    await die(queue, 10);
    answer = expectKind(await queue.operate("redrive", { limit: 2, after: answer.after }), "redriven");
    tasks += answer.tasks;
  }
  expect(tasks).toBe(5);
});

describe("memory", () => {
  const MIB = 1_048_576;

  test("payloads of 1 MiB are moved, 16 a call, and none is read but by delivery", async () => {
    const { queue, letters } = await pair();
    const payload = new Uint8Array(MIB - 1);
    for (let index = 0; index < 20; index += 1) {
      await enqueue(queue, { payload, contentType: "image/png" });
      await nack(queue, await claimOne(queue), { dead: true });
    }
    await delivered(queue);
    // Delivery stands still, so that it reads its first batch, one payload, and no more.
    const receiving = vi.spyOn(QueueObject.prototype, "receive").mockRejectedValue(new Error("the network is down"));
    let read = 0;
    // oxlint-disable-next-line typescript/unbound-method -- applied to the object that the spy is called on
    const { all } = ObjectSql.prototype;
    const reading = vi.spyOn(ObjectSql.prototype, "all").mockImplementation(function (this: ObjectSql, ...call) {
      const rows = all.apply(this, call);
      for (const row of rows)
        for (const value of Object.values(row)) read += value instanceof ArrayBuffer ? value.byteLength : 0;
      return rows;
    });
    const first = expectKind(await letters.operate("redrive", { limit: 1_000 }), "redriven");
    await vi.waitUntil(() => receiving.mock.calls.length > 0, { timeout: 20_000, interval: 20 });
    reading.mockRestore();
    receiving.mockRestore();
    expect(first.tasks).toBe(16);
    expect(read).toBe(MIB - 1);
    if (first.after === null) throw new Error("more was expected");
    await redriveAll(letters, { limit: 1_000, after: first.after });
    letters.advance(300_000);
    await letters.sweep();
    await delivered(letters);
    expect(await counts(queue)).toEqual([20, 0, 0, 0]);
  });
});
