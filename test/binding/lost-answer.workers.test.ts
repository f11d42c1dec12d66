// A producer's Queues binding whose calls reach the queue's object while the answers do not come back: each is made once (P10).

import { createExecutionContext, env } from "cloudflare:test";
import { expect, test, vi } from "vitest";
import { CloudflareQueue } from "../../src/index.ts";
import type { QueueStub } from "../../src/object/queue-stub.ts";
import { configure, counts } from "../contract/builders.ts";
import { ObjectQueue } from "../workers/object-queue.ts";

/** The entrypoint over a line to its object that loses answers: what each call meets, in order; after that all goes well. */
function producer(queue: ObjectQueue, fates: ("lost" | "crash" | "overloaded")[], props: object = {}) {
  const calls: unknown[] = [];
  const stub: Partial<QueueStub> = {
    async operate(operation, input) {
      if (operation === "getQueue") return queue.operate(operation, input);
      calls.push(input);
      const fate = fates.shift();
      if (fate === "overloaded") throw Object.assign(new Error("too much"), { overloaded: true });
      const outcome = await queue.operate(operation, input);
      if (fate === "crash") await queue.crash();
      if (fate !== undefined) throw new Error("Network connection lost.");
      return outcome;
    },
  };
  const context = Object.assign(createExecutionContext(), { props: { queue: queue.name, ...props } });
  const bindings = { ...env, QUEUE: { getByName: () => stub } };
  const entrypoint = new CloudflareQueue(context, bindings as never);
  return { entrypoint, calls };
}

const atOnce = (): void => void vi.spyOn(Math, "random").mockReturnValue(0);

test("what is sent is there once, whatever became of the answers", async () => {
  atOnce();
  const queue = new ObjectQueue();
  const { entrypoint, calls } = producer(queue, ["lost", "crash"]);
  await entrypoint.send("one");
  await entrypoint.sendBatch([{ body: "two" }, { body: "three", delaySeconds: 60 }]);
  expect(await counts(queue)).toEqual([2, 1, 0, 0]);
  expect(calls).toMatchObject([1, 1, 1, 2].map((number) => ({ call: { number } })));
});

test("an object that is overloaded is left alone, and one that never answers is asked three times", async () => {
  atOnce();
  const queue = new ObjectQueue();
  const overloaded = producer(queue, ["overloaded"]);
  await expect(overloaded.entrypoint.send(1)).rejects.toThrow("too much");
  expect(overloaded.calls).toHaveLength(1);
  const lost = producer(queue, ["lost", "lost", "lost"]);
  await expect(lost.entrypoint.send(2)).rejects.toThrow("Network connection lost.");
  expect(await counts(queue)).toEqual([1, 0, 0, 0]);
});

test("without numbers, by the binding's own wish, it is sent once and costs no row more", async () => {
  const queue = new ObjectQueue();
  await configure(queue, {});
  const { entrypoint, calls } = producer(queue, ["lost"], { idempotent: false });
  await expect(entrypoint.send(1)).rejects.toThrow("Network connection lost.");
  expect(calls).toEqual([{ tasks: [expect.anything()] }]);
  expect(await queue.rowsWritten(() => entrypoint.send(2))).toBe(1);
  const numbered = producer(queue, []).entrypoint;
  await numbered.send(3);
  expect(await queue.rowsWritten(() => numbered.send(4))).toBe(2);
  expect(
    await queue.rowsWritten(() => numbered.sendBatch(Array.from({ length: 100 }, (_, body) => ({ body })))),
  ).toBeLessThanOrEqual(3);
});
