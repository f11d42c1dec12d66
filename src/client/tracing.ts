// The interface for traces, so that edgeq depends on no library for them: names and attributes by OpenTelemetry's messaging
// conventions, spans by whatever the user has. docs/trace.md has the adapter for OpenTelemetry.

import { InvalidOptionError } from "./edgeq-error.ts";

/** Headers of a task: its trace is in `traceparent` and `tracestate`. */
export type TraceHeaders = Readonly<Record<string, string>>;
export type SpanAttributes = Readonly<Record<string, string | number>>;

/** A span to be begun. */
export interface TracingSpan {
  /** What is done, and on which queue: `send orders`, `process orders`. */
  readonly name: string;
  readonly kind: "producer" | "consumer";
  readonly attributes: SpanAttributes;
  /** The headers of the task that is handled, whose trace goes on, or is none; absent: the active span is the parent. */
  readonly parent?: TraceHeaders;
  /** The headers of the tasks of a batch: each may be of another trace. */
  readonly links: readonly TraceHeaders[];
}

export interface OpenSpan {
  /** The span's context, to be put among the headers of tasks that are sent in it. */
  readonly headers: TraceHeaders;
  /** Attributes that are known only now. */
  set(attributes: SpanAttributes): void;
}

export interface Tracing {
  /**
   * Runs `work` in a new span, which is the active one meanwhile and ends when `work` has settled.
   *
   * @returns what `work` resolves to. Rejects as `work` does, which is the span's error.
   */
  span<Result>(span: TracingSpan, work: (span: OpenSpan) => Promise<Result>): Promise<Result>;
}

/** Throws InvalidOptionError. */
export function checkedTracing(tracing: Tracing): Tracing {
  if (typeof tracing?.span === "function") return tracing;
  throw new InvalidOptionError("tracing", tracing, "an object with a method span");
}

/**
 * Name and attributes of what is done with tasks.
 *
 * @param queue null: tasks of several queues
 * @param more such as the tasks' number or the id of the only one
 */
export function messagingSpan(
  operation: "send" | "process",
  queue: string | null,
  more: SpanAttributes,
): Pick<TracingSpan, "name" | "kind" | "attributes"> {
  return {
    name: queue === null ? operation : `${operation} ${queue}`,
    kind: operation === "send" ? "producer" : "consumer",
    attributes: {
      "messaging.system": "edgeq",
      "messaging.operation.name": operation,
      "messaging.operation.type": operation,
      ...(queue !== null && { "messaging.destination.name": queue }),
      ...more,
    },
  };
}
