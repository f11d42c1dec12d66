// A handler written for Cloudflare Queues, fed with a batch as the pusher feeds it: what comes back, whatever the handler throws.

import { createExecutionContext } from "cloudflare:test";
import { expect, test, vi } from "vitest";
import { queueConsumer } from "../../src/binding/queue-consumer.ts";
import type { PushedBatch, PushOutcome } from "../../src/push/batch.ts";

function delivered(handler: ExportedHandlerQueueHandler): Promise<PushOutcome> {
  const Consumer = queueConsumer({ queue: handler });
  const messages = [0, 1].map((body) => ({ id: `m${body}`, timestamp: new Date(0), attempts: 1, body }));
  const batch: PushedBatch = { queue: "q", messages, metrics: { backlogCount: 2, backlogBytes: 1 } };
  return new Consumer(createExecutionContext(), {} as never).deliver(batch);
}

const unreadable = {
  toString() {
    throw new Error("not even this");
  },
};

test.each([
  ["an error", new TypeError("no paper"), "TypeError: no paper"],
  ["text", "no paper", "no paper"],
  ["nothing", undefined, "undefined"],
  ["a symbol", Symbol("x"), "Symbol(x)"],
  ["an object without a prototype", Object.create(null) as object, "an error that cannot be read"],
  ["an object that throws when it is read", unreadable, "an error that cannot be read"],
])("a handler that throws %s has acked what it acked, and the rest is retried", async (_, thrown, error) => {
  vi.spyOn(console, "error").mockImplementation(() => {});
  const outcome = await delivered(({ messages }) => {
    messages[0]?.ack();
    throw thrown;
  });
  expect(outcome).toEqual({ retries: [{ index: 1, delaySeconds: null, error }] });
});
