// A queue that makes a span of each enqueue and puts it among the headers of its tasks. A class of its own, so that programs
// without traces do not load it.

import type { WireCall } from "../protocol/wire-call.ts";
import type { WireInsert, WireModified, WireModify } from "../protocol/wire-modify.ts";
import type { WireEnqueuedTask } from "../protocol/wire-task.ts";
import type { CallControl } from "./caller.ts";
import type { Enqueueable } from "./json-types.ts";
import type { QueueOptions } from "./queue-options.ts";
import { Queue } from "./queue.ts";
import type { NewTask, TaskOptions } from "./task.ts";
import { checkedTracing, messagingSpan, type OpenSpan, type SpanAttributes, type Tracing } from "./tracing.ts";

export type TracedQueueOptions<Payload = unknown, Claimed = Payload> = QueueOptions<Payload, Claimed> & {
  /** How spans are made. docs/trace.md has the adapter for OpenTelemetry. */
  readonly tracing: Tracing;
};

/**
 * A `Queue` that makes a span `send <queue>` of each `enqueue`, `enqueueBatch` and `modify` that inserts tasks, all attempts at the
 * call included. The span's context is in the tasks' headers, except those of tasks that have a header `traceparent` already.
 */
export class TracedQueue<Payload = unknown, Claimed = Payload> extends Queue<Payload, Claimed> {
  readonly #tracing: Tracing;

  /** As `Queue`, with `tracing`. Throws InvalidOptionError for a wrong option. */
  constructor(name: string, { tracing, ...options }: TracedQueueOptions<Payload, Claimed>) {
    super(name, options);
    this.#tracing = checkedTracing(tracing);
  }

  override enqueue(
    payload: Enqueueable<Payload, Claimed>,
    options: TaskOptions & CallControl = {},
  ): Promise<WireEnqueuedTask> {
    return this.#sent(this.name, {}, async (span) => {
      const task = await super.enqueue(payload, withContext(options, span));
      span.set({ "messaging.message.id": task.id });
      return task;
    });
  }

  override async enqueueBatch(
    tasks: readonly NewTask<Enqueueable<Payload, Claimed>>[],
    control: CallControl & { readonly call?: WireCall } = {},
  ): Promise<WireEnqueuedTask[]> {
    if (!Array.isArray(tasks) || tasks.length === 0) return super.enqueueBatch(tasks, control);
    return this.#sent(this.name, countOf(tasks.length), (span) =>
      super.enqueueBatch(
        tasks.map((task) => withContext(task, span)),
        control,
      ),
    );
  }

  override async modify(changes: WireModify, control: CallControl = {}): Promise<WireModified> {
    const { insert = [] } = changes;
    const tasks = insert.filter((item): item is WireInsert => !("document" in item));
    if (tasks.length === 0) return super.modify(changes, control);
    const [queue = this.name, ...others] = new Set(tasks.map((task) => task.queue ?? this.name));
    return this.#sent(others.length === 0 ? queue : null, countOf(tasks.length), (span) => {
      const traced = insert.map((item) => ("document" in item ? item : withContext(item, span)));
      return super.modify({ ...changes, insert: traced }, control);
    });
  }

  #sent<Result>(
    queue: string | null,
    more: SpanAttributes,
    work: (span: OpenSpan) => Promise<Result>,
  ): Promise<Result> {
    const { hostname, port } = this.endpoint === null ? { hostname: "", port: "" } : new URL(this.endpoint.url);
    const server = {
      ...(hostname !== "" && { "server.address": hostname }),
      ...(port !== "" && { "server.port": Number(port) }),
    };
    return this.#tracing.span({ ...messagingSpan("send", queue, { ...server, ...more }), links: [] }, work);
  }
}

function countOf(tasks: number): SpanAttributes {
  return { "messaging.batch.message_count": tasks };
}

function withContext<Options extends Pick<TaskOptions, "headers">>(options: Options, { headers }: OpenSpan): Options {
  if (options.headers?.["traceparent"] !== undefined) return options;
  return { ...options, headers: { ...options.headers, ...headers } };
}
