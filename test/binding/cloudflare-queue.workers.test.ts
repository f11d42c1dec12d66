// A producer's Queues binding, served by edgeq: what is sent, and what is refused.

import { exports } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import type { CloudflareQueue, CloudflareQueueProps } from "../../src/index.ts";
import { messageBody, type MessageContentType } from "../../src/push/message-body.ts";
import { browseAll, claim, configure } from "../contract/builders.ts";
import { stoppedClock } from "../workers/clock.ts";
import { ObjectQueue } from "../workers/object-queue.ts";

stoppedClock();

/** What the producer sees is the official interface and nothing else. */
function producer(props: CloudflareQueueProps): Queue {
  const entrypoint = exports.CloudflareQueue as unknown as (options: {
    props: unknown;
  }) => Service<typeof CloudflareQueue>;
  return entrypoint({ props });
}

/** What a call was refused with. An RPC promise is awaited where it is made, or its rejection counts as unhandled. */
async function refusal(call: () => Promise<unknown>): Promise<unknown> {
  try {
    await call();
  } catch (error) {
    return error;
  }
  throw new Error("expected a refusal, found none");
}

function text(bytes: number): MessageSendRequest {
  return { body: "x".repeat(bytes), contentType: "text" };
}

/** Sends, and gives back what a consumer would see as the body. */
async function roundTrip(body: unknown, contentType?: MessageContentType): Promise<unknown> {
  const queue = new ObjectQueue();
  await producer({ queue: queue.name }).send(body, contentType === undefined ? {} : { contentType });
  const [task] = await claim(queue);
  if (task === undefined) throw new Error("expected a task, found none");
  return messageBody(task);
}

describe("a body arrives as it was sent", () => {
  test("as json, the default", async () => {
    const body = { text: "ä", list: [1, null, true], at: new Date(5) };
    expect(await roundTrip(body)).toEqual({ text: "ä", list: [1, null, true], at: "1970-01-01T00:00:00.005Z" });
    expect(await roundTrip("text", "json")).toBe("text");
  });

  test("as text", async () => {
    expect(await roundTrip("plain ☂", "text")).toBe("plain ☂");
  });

  test("as bytes", async () => {
    const bytes = new Uint8Array([0, 1, 255]);
    expect(new Uint8Array((await roundTrip(bytes, "bytes")) as ArrayBuffer)).toEqual(bytes);
    expect(await roundTrip(bytes.buffer, "bytes")).toBeInstanceOf(ArrayBuffer);
  });

  test("as v8: everything that structured clone carries", async () => {
    const cyclic: Record<string, unknown> = { name: "cycle" };
    cyclic["self"] = cyclic;
    const body = {
      at: new Date(1_700_000_000_000),
      map: new Map<unknown, unknown>([["key", new Set([1n, "two"])]]),
      pattern: /a+/gi,
      bytes: new Uint8Array([7, 8]),
      nothing: undefined,
      odd: [Number.NaN, -0, Number.POSITIVE_INFINITY],
      cyclic,
    };
    expect(await roundTrip(body, "v8")).toEqual(body);
  });

  test("as v8: errors with their kind and cause", async () => {
    const back = await roundTrip(new RangeError("too far", { cause: { limit: 3 } }), "v8");
    expect(back).toBeInstanceOf(RangeError);
    expect(back).toMatchObject({ message: "too far", cause: { limit: 3 } });
  });
});

describe("a delay", () => {
  test("is the message's own, else the batch's, else the binding's", async () => {
    const queue = new ObjectQueue();
    const bound = producer({ queue: queue.name, delivery_delay: 30 });
    await bound.sendBatch([{ body: "own", delaySeconds: 5 }, { body: "batch" }], { delaySeconds: 10 });
    await bound.send("binding");
    await bound.send("none", { delaySeconds: 0 });
    const now = queue.now();
    const delays = (await browseAll(queue)).map((task) => [task.payload, Math.max(0, task.visibleAt - now)]);
    expect(Object.fromEntries(delays)).toEqual({
      '"own"': 5_000,
      '"batch"': 10_000,
      '"binding"': 30_000,
      '"none"': 0,
    });
  });

  test("that is undefined is none, in a batch as in a message", async () => {
    const queue = new ObjectQueue();
    const bound = producer({ queue: queue.name, delivery_delay: 30 });
    const none = { delaySeconds: undefined, contentType: undefined } as object;
    await bound.sendBatch([{ body: "batch", ...none }], { delaySeconds: 10 });
    await bound.sendBatch([{ body: "binding", ...none }], none);
    const now = queue.now();
    expect((await browseAll(queue)).map((task) => [task.payload, task.visibleAt - now])).toEqual([
      ['"batch"', 10_000],
      ['"binding"', 30_000],
    ]);
  });

  test("of a day is allowed, of a second more is not", async () => {
    const bound = producer({ queue: new ObjectQueue().name });
    await bound.send(1, { delaySeconds: 86_400 });
    for (const delaySeconds of [86_401, -1, 1.5]) {
      expect(await refusal(() => bound.send(1, { delaySeconds }))).toBeInstanceOf(RangeError);
    }
  });
});

describe("what is refused", () => {
  test("a body that is not of its content type", async () => {
    const bound = producer({ queue: new ObjectQueue().name });
    expect(await refusal(() => bound.send(5, { contentType: "text" }))).toBeInstanceOf(TypeError);
    expect(await refusal(() => bound.send("text", { contentType: "bytes" }))).toBeInstanceOf(TypeError);
    expect(await refusal(() => bound.send(undefined))).toBeInstanceOf(TypeError);
    expect(String(await refusal(() => bound.send(1, { contentType: "xml" as never })))).toContain(
      "text, bytes, json, v8",
    );
  });

  test("a message over 128 KB, a batch over 100 messages or 256 KB, and an empty batch; then nothing is sent", async () => {
    const queue = new ObjectQueue();
    const bound = producer({ queue: queue.name });
    expect(String(await refusal(() => bound.send("x".repeat(128_001), { contentType: "text" })))).toContain(
      "at most 128000",
    );
    expect(String(await refusal(() => bound.sendBatch(Array.from({ length: 101 }, () => text(1)))))).toContain(
      "at most 100",
    );
    expect(String(await refusal(() => bound.sendBatch([text(128_000), text(128_000), text(1)])))).toContain(
      "at most 256000",
    );
    expect(String(await refusal(() => bound.sendBatch([])))).toContain("at least one message");
    await expect(bound.metrics()).resolves.toMatchObject({ backlogCount: 0 });
    await bound.sendBatch([text(128_000), text(128_000)]);
    await bound.sendBatch(Array.from({ length: 100 }, () => text(1)));
    await expect(bound.metrics()).resolves.toMatchObject({ backlogCount: 102 });
  });

  test("less, when the binding asks for the bounds of edgeq", async () => {
    const bound = producer({ queue: new ObjectQueue().name, limits: "edgeq" });
    await bound.send("x".repeat(1_048_576), { contentType: "text" });
    expect(String(await refusal(() => bound.send("x".repeat(1_048_577), { contentType: "text" })))).toContain(
      "at most 1048576",
    );
    await bound.sendBatch(Array.from({ length: 1_000 }, (_, body) => ({ body })));
  });

  test("a message to a queue that is full", async () => {
    const queue = new ObjectQueue();
    await configure(queue, { maxBacklog: 1 });
    const bound = producer({ queue: queue.name });
    await bound.send(1);
    expect(String(await refusal(() => bound.send(2)))).toContain("Queue send failed: The queue's limit is 1 tasks");
  });

  test("a binding whose props name no queue, or one that cannot be", async () => {
    expect(String(await refusal(() => producer({} as never).send(1)))).toContain("props.queue");
    expect(String(await refusal(() => producer({ queue: "a/b" }).send(1)))).toContain("props.queue");
    expect(String(await refusal(() => producer({ queue: "ok", delay: 1 } as never).send(1)))).toContain("props.delay");
  });
});

test("metrics count what is not acked, and say since when the oldest waits", async () => {
  const queue = new ObjectQueue();
  const bound = producer({ queue: queue.name });
  const sent = await bound.send("first");
  expect(sent.metadata.metrics.backlogBytes).toBeTypeOf("number");
  const sentAt = queue.now();
  await bound.send("later", { delaySeconds: 60 });
  queue.advance(5_000);
  const { backlogCount, backlogBytes, oldestMessageTimestamp } = await bound.metrics();
  expect([backlogCount, oldestMessageTimestamp]).toEqual([2, new Date(sentAt)]);
  expect(backlogBytes).toBeGreaterThan(0);
  await claim(queue);
  expect((await bound.metrics()).backlogCount).toBe(2);
});
