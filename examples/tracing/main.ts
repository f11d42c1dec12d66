// One trace from a checkout through two queues to the mails that it causes, by OpenTelemetry's own SDK. The spans are kept in
// memory here, where a program of yours has an exporter to its collector.

import { context, propagation, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider, type ReadableSpan } from "@opentelemetry/sdk-trace";
import { TracedQueue } from "edgeq/client";
import { consume, consumeBatches, traced, tracedBatch } from "edgeq/consumer";
import { tracing } from "./open-telemetry.ts";

const exporter = new InMemorySpanExporter();
const provider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] });
trace.setGlobalTracerProvider(provider);
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
propagation.setGlobalPropagator(new W3CTraceContextPropagator());

interface Order {
  readonly number: number;
}
const ORDERS = 3;
const url = process.env["EDGEQ_URL"] ?? "http://127.0.0.1:8787";
// Queues of their own for each run of the example.
const run = Date.now();
const orders = new TracedQueue<Order>(`orders-${run}`, { url, tracing });
const mails = new TracedQueue<Order>(`mails-${run}`, { url, tracing });

// The handler's span is active while it runs, so what it enqueues belongs to the same trace.
const shop = consume(
  traced((task) => mails.enqueue(task.payload), { queue: orders, tracing }),
  { queue: orders },
);
const mailed = Promise.withResolvers<void>();
let left = ORDERS;
const send = (mail: readonly unknown[]): void => {
  left -= mail.length;
  if (left === 0) mailed.resolve();
};
const mailer = consumeBatches(tracedBatch(send, { queue: mails, tracing }), {
  queue: mails,
  batch: { maxItems: ORDERS, maxWaitMs: 5_000 },
});

for (let number = 1; number <= ORDERS; number += 1) {
  await trace.getTracer("shop").startActiveSpan(`checkout ${number}`, async (span) => {
    await orders.enqueue({ number });
    span.end();
  });
}
await mailed.promise;
await Promise.all([shop.stop(), mailer.stop()]);

const spans = exporter.getFinishedSpans();
const label = ({ name }: ReadableSpan): string => name.replace(`-${run}`, "");
const show = (span: ReadableSpan, depth: number): void => {
  console.log(`${"  ".repeat(depth)}${label(span)}`);
  for (const child of spans.filter(({ parentSpanContext }) => parentSpanContext?.spanId === span.spanContext().spanId))
    show(child, depth + 1);
};
for (const span of spans.filter((one) => label(one).startsWith("checkout"))) show(span, 0);

const traces = new Set(spans.filter(({ links }) => links.length === 0).map((span) => span.spanContext().traceId));
const linked = spans.flatMap(({ links }) => links.map((link) => link.context.traceId));
console.log(`${traces.size} traces; the mails' batch is linked to ${new Set(linked).size} of them`);
if (traces.size !== ORDERS || new Set(linked).size !== ORDERS) process.exitCode = 1;
