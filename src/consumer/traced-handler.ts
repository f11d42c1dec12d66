// Handlers whose runs are spans in the traces of their tasks. Around a handler and not in the consumer, so that those without
// traces do not carry it.

import { checkedTracing, messagingSpan, type SpanAttributes, type Tracing } from "../client/tracing.ts";
import type { ClaimedTask } from "../client/task.ts";
import type { BatchHandler, Handler } from "./consume.ts";
import { Snooze } from "./handler-error.ts";

export interface TracedOptions {
  /** The queue that the tasks are from. */
  readonly queue: { readonly name: string };
  /** How spans are made. docs/trace.md has the adapter for OpenTelemetry. */
  readonly tracing: Tracing;
}

/**
 * A handler for `consume` that runs `handler` in a span `process <queue>`, whose parent is the span that sent the task. It fails
 * as the handler does; `snooze` and `rateLimited` are no failures. Throws InvalidOptionError for a wrong option.
 */
export function traced<Payload>(handler: Handler<Payload>, options: TracedOptions): Handler<Payload> {
  const runs = runnerOf(options);
  return (task, context) =>
    runs(
      { "messaging.message.id": task.id, "edgeq.task.attempts": task.attempts },
      { parent: task.headers, links: [] },
      () => handler(task, context),
    );
}

/**
 * A handler for `consumeBatches` that runs `handler` in a span `process <queue>` with a link to each span that sent one of the tasks.
 * It fails if the handler throws, not for tasks that the handler names as failed. Throws InvalidOptionError for a wrong option.
 */
export function tracedBatch<Payload>(handler: BatchHandler<Payload>, options: TracedOptions): BatchHandler<Payload> {
  const runs = runnerOf(options);
  return (tasks, context) =>
    runs({ "messaging.batch.message_count": tasks.length }, { parent: {}, links: linksOf(tasks) }, () =>
      handler(tasks, context),
    );
}

/** A task without a trace has nothing to link to; several may be of one span. */
function linksOf(tasks: readonly ClaimedTask[]): Readonly<Record<string, string>>[] {
  const byParent = new Map<string, Readonly<Record<string, string>>>();
  for (const { headers } of tasks) {
    const { traceparent } = headers;
    if (traceparent !== undefined) byParent.set(traceparent, headers);
  }
  return [...byParent.values()];
}

interface Origin {
  readonly parent: Readonly<Record<string, string>>;
  readonly links: readonly Readonly<Record<string, string>>[];
}

function runnerOf({ queue, tracing }: TracedOptions) {
  const { name } = queue;
  checkedTracing(tracing);
  return async (more: SpanAttributes, origin: Origin, run: () => unknown): Promise<void> => {
    const snoozed = await tracing.span({ ...messagingSpan("process", name, more), ...origin }, async (span) => {
      try {
        await run();
        return null;
      } catch (error) {
        if (!(error instanceof Snooze)) throw error;
        span.set({ "edgeq.task.snoozed_ms": error.delayMs });
        return error;
      }
    });
    if (snoozed !== null) throw snoozed;
  };
}
