// Traces by OpenTelemetry's own SDK, through the adapter that docs/trace.md shows, from the call that enqueues to the handler.

import { readFile } from "node:fs/promises";
import { context, propagation, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider, type ReadableSpan } from "@opentelemetry/sdk-trace";
import { beforeAll, beforeEach, expect, it } from "vitest";
import { tracing } from "../../examples/tracing/open-telemetry.ts";
import { TracedQueue, type TracedQueueOptions } from "../../src/client/index.ts";
import {
  consume,
  consumeBatches,
  snooze,
  traced,
  tracedBatch,
  type Consumer,
  type Handler,
} from "../../src/consumer/index.ts";
import { serverForTests } from "../node/server-for-tests.ts";

const exporter = new InMemorySpanExporter();
const INVALID = { traceparent: "00-nothing" };
const server = serverForTests();
let queues = 0;

beforeAll(() => {
  const spanProcessors = [new SimpleSpanProcessor({ exporter })];
  trace.setGlobalTracerProvider(new TracerProvider({ spanProcessors }));
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
});
beforeEach(() => exporter.reset());

function open(options: Partial<TracedQueueOptions> = {}): TracedQueue {
  return new TracedQueue(`traced-${(queues += 1)}`, { url: server.url, tracing, ...options } as TracedQueueOptions);
}

function operationOf(name: string): Record<string, string> {
  return { "messaging.operation.name": name, "messaging.operation.type": name };
}

/** The one span of this name. */
function spanOf(name: string): ReadableSpan {
  const found = exporter.getFinishedSpans().filter((span) => span.name === name);
  expect(found.map((span) => span.name)).toEqual([name]);
  return found[0] as ReadableSpan;
}

function traceparentOf(span: ReadableSpan): string {
  const { traceId, spanId } = span.spanContext();
  return `00-${traceId}-${spanId}-01`;
}

/** Runs one task, until the server knows what became of it. */
async function handled(queue: TracedQueue, handler: Handler<unknown>, end: "acked" | "failed" | "snoozed") {
  const consumer = consume(traced(handler, { queue, tracing }), { queue, logger: null });
  await ended(consumer, end);
}

async function ended(consumer: Consumer, end: "acked" | "failed" | "snoozed"): Promise<void> {
  await new Promise<void>((resolve) => consumer.on(end, () => resolve()));
  await consumer.stop();
}

it("one trace goes from the span that enqueues through the queue to what the handler does", async () => {
  const queue = open();
  await trace.getTracer("test").startActiveSpan("checkout", async (span) => {
    await queue.enqueue(1);
    span.end();
  });
  await handled(queue, () => trace.getTracer("test").startActiveSpan("work", (span) => span.end()), "acked");
  const way = ["checkout", `send ${queue.name}`, `process ${queue.name}`, "work"].map((name) => spanOf(name));
  expect(new Set(way.map((span) => span.spanContext().traceId)).size).toBe(1);
  const ids = way.map((span) => span.spanContext().spanId);
  expect(way.map((span) => span.parentSpanContext?.spanId)).toEqual([undefined, ...ids.slice(0, 3)]);
});

it("names, kinds and attributes are those of the messaging conventions", async () => {
  const queue = open();
  const { id } = await queue.enqueue(1);
  await handled(queue, () => {}, "acked");
  const common = { "messaging.system": "edgeq", "messaging.destination.name": queue.name, "messaging.message.id": id };
  const { hostname, port } = new URL(server.url);
  expect(spanOf(`send ${queue.name}`)).toMatchObject({
    kind: SpanKind.PRODUCER,
    attributes: { ...common, ...operationOf("send"), "server.address": hostname, "server.port": Number(port) },
  });
  const process = spanOf(`process ${queue.name}`);
  expect(process.kind).toBe(SpanKind.CONSUMER);
  expect(process.attributes).toEqual({ ...common, ...operationOf("process"), "edgeq.task.attempts": 1 });
});

it("a batch is one span when it is sent, and one with a link to each sender when it is handled", async () => {
  const queue = open();
  await queue.enqueueBatch([{ payload: 1 }, { payload: 2 }]);
  await queue.enqueue(3);
  await queue.enqueue(4, { headers: INVALID });
  const sent = exporter.getFinishedSpans().map((span) => span.spanContext().spanId);
  const consumer = consumeBatches(
    tracedBatch(() => {}, { queue, tracing }),
    {
      queue,
      batch: { maxItems: 4, maxWaitMs: 60_000 },
    },
  );
  await ended(consumer, "acked");
  const [first] = exporter.getFinishedSpans();
  expect(first?.attributes).toMatchObject({ "messaging.batch.message_count": 2 });
  expect(first?.attributes).not.toHaveProperty(["messaging.message.id"]);
  const process = spanOf(`process ${queue.name}`);
  expect(process.attributes).toMatchObject({ "messaging.batch.message_count": 4 });
  expect(process.parentSpanContext).toBeUndefined();
  expect(process.links.map((link) => link.context.spanId)).toEqual(sent.slice(0, 2));
});

it("a handler that throws makes its span an error, one that snoozes does not", async () => {
  const queue = open();
  await queue.enqueue(1);
  await handled(queue, () => Promise.reject(new TypeError("no")), "failed");
  expect(spanOf(`process ${queue.name}`)).toMatchObject({
    status: { code: SpanStatusCode.ERROR },
    attributes: { "error.type": "TypeError" },
  });
  exporter.reset();
  const later = open();
  await later.enqueue(1);
  await handled(later, () => Promise.reject(snooze(60_000)), "snoozed");
  expect(spanOf(`process ${later.name}`)).toMatchObject({
    status: { code: SpanStatusCode.UNSET },
    attributes: { "edgeq.task.snoozed_ms": 60_000 },
  });
});

it("a call that fails makes its span an error and rejects as without it", async () => {
  const queue = open({ retry: false });
  await expect(queue.enqueue(1, { priority: 1_000 })).rejects.toMatchObject({ code: "invalid-request" });
  const { status, attributes } = spanOf(`send ${queue.name}`);
  expect([status.code, attributes["error.type"]]).toEqual([SpanStatusCode.ERROR, "InvalidRequestError"]);
});

it("each of the calls that travel together has its own span", async () => {
  const queue = open({ batch: { maxItems: 2, maxWaitMs: 10_000 } });
  await Promise.all([queue.enqueue(1), queue.enqueue(2)]);
  const spans = exporter.getFinishedSpans();
  const tasks = await queue.claim({ max: 2 });
  expect(tasks.map(({ headers }) => headers["traceparent"]).toSorted()).toEqual(
    spans.map((span) => traceparentOf(span)).toSorted(),
  );
});

it("a task that names a trace keeps it, and an invalid one begins a new trace", async () => {
  const queue = open();
  await queue.enqueue(1, { headers: { ...INVALID, of: "shop" } });
  let seen: unknown;
  await handled(queue, ({ headers }) => void (seen = headers), "acked");
  expect(seen).toEqual({ ...INVALID, of: "shop" });
  expect(spanOf(`process ${queue.name}`).parentSpanContext).toBeUndefined();
});

it("a modify that inserts tasks is a span, named by their queue if it is one", async () => {
  const queue = open();
  const next = `${queue.name}-next`;
  await queue.modify({ insert: [{ document: { key: "d", value: 1 } }] });
  expect(exporter.getFinishedSpans()).toEqual([]);
  await queue.modify({ insert: [{ payload: 1, queue: next }] });
  expect(spanOf(`send ${next}`).attributes).toMatchObject({ "messaging.batch.message_count": 1 });
  await queue.modify({ insert: [{ payload: 1, queue: next }, { payload: 2 }] });
  expect(spanOf("send").attributes).not.toHaveProperty(["messaging.destination.name"]);
  const [task] = await queue.claim();
  expect(task?.headers).toEqual({ traceparent: traceparentOf(spanOf("send")) });
});

it("a queue and a handler refuse a tracing that makes no spans", () => {
  const wrong = {} as typeof tracing;
  expect(() => open({ tracing: wrong })).toThrow(/tracing: .*an object with a method span/);
  expect(() => traced(() => {}, { queue: { name: "q" }, tracing: wrong })).toThrow(/tracing/);
});

it("the page on traces shows the adapter that is tested here", async () => {
  const page = await readFile(new URL("../../docs/trace.md", import.meta.url), "utf8");
  const adapter = await readFile(new URL("../../examples/tracing/open-telemetry.ts", import.meta.url), "utf8");
  expect(page).toContain(adapter);
});
