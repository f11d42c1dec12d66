// The options of a consumer, with units, defaults and ranges, checked at construction.

import { BATCH_TASKS, CONSUMER_LIMITS, MAX_WAIT_MS } from "../protocol/call-limits.ts";
import type { Timers } from "./timers.ts";
import { InvalidOptionError } from "../client/edgeq-error.ts";
import { functionOption, integerOption, integerOptions, knownOptions } from "../client/option.ts";
import type { ClaimedTask } from "../client/task.ts";
import type { WireLanes } from "../protocol/wire-operations.ts";
import type { BreakerPolicy } from "./breaker.ts";
import type { Events } from "./events.ts";
import type { ConsumerQueue } from "./long-poll-source.ts";
import type { ConsumerLogger } from "./reports.ts";
import type { TaskSource } from "./task-source.ts";

export interface ConsumeOptions<Payload = unknown> {
  /** The queue that tasks are taken from. */
  readonly queue: ConsumerQueue<Payload>;
  /** Handlers that run at one time. 1 to 1,000, default 10. */
  readonly concurrency?: number;
  /** Tasks held beyond those that run, so that a handler need not wait for the next. 0 to 10,000, default 0. */
  readonly prefetch?: number;
  /** How long a claim lasts if this consumer dies. ms, default 30,000, 1,000 to 12 h. */
  readonly claimTimeoutMs?: number;
  /** Claims are extended this often while their tasks wait or run. ms, default half the claim timeout, 100 to below the claim timeout. */
  readonly extendEveryMs?: number;
  /** A handler that has not settled by then has failed. ms, default 600,000, 1 to 12 h. */
  readonly handlerTimeoutMs?: number;
  /** How long `stop` takes at most: running handlers may finish in most of it, the rest is given back. ms, default 25,000, 0 to 1 h. */
  readonly stopTimeoutMs?: number;
  /**
   * Whether to open a socket, over which tasks are pushed and which costs nothing while there are none. Default true: where a
   * socket can be had; otherwise, and with false, the consumer polls.
   */
  readonly socket?: boolean;
  /** How long one poll waits on the server. ms, default 20,000, 0 to 20,000. */
  readonly waitMs?: number;
  /** Who claims, a name to show. 1 to 128 characters. */
  readonly claimant?: string;
  /** Lanes in order of preference, or `{any: [...]}` taking turns. Default: the default lane. */
  readonly lanes?: WireLanes;
  /** ms until a task that failed by this error is offered again; undefined, or absent: the queue's backoff. */
  readonly backoff?: (error: unknown, task: ClaimedTask<Payload>) => number | undefined;
  /** When to stop taking tasks because handlers keep failing. Default 10 failures in a row, 1,000 to 60,000 ms. `false`: never. */
  readonly breaker?: BreakerOptions | false;
  /**
   * Where failures, lost claims, outages and an open circuit are written while their events have no listener, in at most one
   * line of a kind each 30 s. Also where a listener or a `backoff` that throws is. Default `console`; null: nowhere.
   */
  readonly logger?: ConsumerLogger | null;
  /** Signals of the process that stop the consumer, where there is a process (Node, Bun, Deno): `["SIGTERM"]`. Default none. */
  readonly stopOn?: readonly string[];
}

export interface BreakerOptions {
  /** Failures in a row that open the circuit. 1 to 10,000, default 10. */
  readonly failures?: number;
  /** First pause before a probe; doubled by each that fails. ms, default 1,000, 1 to 3,600,000. */
  readonly pauseMs?: number;
  /** Longest pause. ms, default 60,000, `pauseMs` to 86,400,000. */
  readonly maxPauseMs?: number;
}

export interface BatchConsumeOptions<Payload = unknown> extends ConsumeOptions<Payload> {
  readonly batch?: {
    /** Tasks that one call of the handler gets at most. 1 to 1,000, default 100. */
    readonly maxItems?: number;
    /** How long the first of them waits for others. ms, default 1,000, 0 to 600,000. */
    readonly maxWaitMs?: number;
  };
}

export interface ConsumerSettings<Payload> {
  readonly concurrency: number;
  readonly prefetch: number;
  readonly claimTimeoutMs: number;
  readonly extendEveryMs: number;
  readonly handlerTimeoutMs: number;
  readonly stopTimeoutMs: number;
  readonly batchItems: number;
  readonly batchWaitMs: number;
  readonly backoff: (error: unknown, task: ClaimedTask<Payload>) => number | undefined;
  readonly breaker: BreakerPolicy | null;
  readonly stopOn: readonly string[];
  readonly logger: ConsumerLogger | null;
}

/** What a test puts in place of the real ones. */
export interface ConsumerParts<Payload> {
  readonly source: TaskSource<Payload>;
  readonly clock: Timers;
  readonly events: Events<Payload>;
}

const HOUR_MS = 3_600_000;
const CONSUME_OPTIONS = [
  "queue",
  "concurrency",
  "prefetch",
  "claimTimeoutMs",
  "extendEveryMs",
  "handlerTimeoutMs",
  "stopTimeoutMs",
  "socket",
  "waitMs",
  "claimant",
  "lanes",
  "backoff",
  "breaker",
  "stopOn",
  "logger",
];

/** Throws InvalidOptionError with name, value and range. */
export function consumerSettings<Payload>(
  options: BatchConsumeOptions<Payload>,
  isBatch: boolean,
): ConsumerSettings<Payload> {
  knownOptions("options", options, isBatch ? [...CONSUME_OPTIONS, "batch"] : CONSUME_OPTIONS);
  if (typeof options.queue?.claim !== "function") throw new InvalidOptionError("queue", options.queue, "a Queue");
  const ms = (
    name: "claimTimeoutMs" | "extendEveryMs" | "handlerTimeoutMs" | "stopTimeoutMs",
    min: number,
    max: number,
    absent: number,
  ) => integerOption(name, options[name], [min, max, absent]);
  const claimTimeoutMs = ms("claimTimeoutMs", 1_000, CONSUMER_LIMITS.claimTimeoutMs, 30_000);
  const batch = integerOptions("batch", options.batch ?? {}, {
    maxItems: [1, BATCH_TASKS, 100],
    maxWaitMs: [0, 600_000, 1_000],
  });
  return {
    concurrency: integerOption("concurrency", options.concurrency, [1, 1_000, 10]),
    prefetch: integerOption("prefetch", options.prefetch, [0, 10_000, 0]),
    claimTimeoutMs,
    extendEveryMs: ms("extendEveryMs", 100, claimTimeoutMs - 1, Math.floor(claimTimeoutMs / 2)),
    handlerTimeoutMs: ms("handlerTimeoutMs", 1, 12 * HOUR_MS, 600_000),
    stopTimeoutMs: ms("stopTimeoutMs", 0, HOUR_MS, 25_000),
    batchItems: isBatch ? batch.maxItems : 1,
    batchWaitMs: isBatch ? batch.maxWaitMs : 0,
    backoff: functionOption("backoff", options.backoff) ?? (() => undefined),
    breaker: breakerPolicy(options.breaker),
    stopOn: signalNames(options.stopOn),
    logger: checkedLogger(options.logger),
  };
}

/** Of the options those that go with each claim. */
export function claimSettings(
  options: Pick<ConsumeOptions, "waitMs" | "claimant" | "lanes">,
  claimTimeoutMs: number,
): { claimTimeoutMs: number; waitMs: number; claimant?: string; lanes?: WireLanes } {
  const { claimant, lanes } = options;
  if (
    claimant !== undefined &&
    (typeof claimant !== "string" || claimant.length < 1 || claimant.length > CONSUMER_LIMITS.claimantLength)
  ) {
    throw new InvalidOptionError("claimant", claimant, `text of 1 to ${CONSUMER_LIMITS.claimantLength} characters`);
  }
  if (lanes !== undefined && !Array.isArray(lanes) && !Array.isArray((lanes as { any?: unknown }).any)) {
    throw new InvalidOptionError("lanes", lanes, "an array of lane names, or {any: [...]}");
  }
  return {
    claimTimeoutMs,
    waitMs: integerOption("waitMs", options.waitMs, [0, MAX_WAIT_MS, MAX_WAIT_MS]),
    ...(claimant === undefined ? {} : { claimant }),
    ...(lanes === undefined ? {} : { lanes }),
  };
}

function breakerPolicy(options: BreakerOptions | false = {}): BreakerPolicy | null {
  if (options === false) return null;
  const { pauseMs = 1_000 } = Object(options) as BreakerOptions;
  return integerOptions("breaker", options, {
    failures: [1, 10_000, 10],
    pauseMs: [1, HOUR_MS, pauseMs],
    maxPauseMs: [pauseMs, 24 * HOUR_MS, Math.max(pauseMs, 60_000)],
  });
}

function checkedLogger(logger: ConsumerLogger | null | undefined): ConsumerLogger | null {
  if (logger === undefined) return console;
  if (logger === null || (typeof logger?.warn === "function" && typeof logger.error === "function")) return logger;
  throw new InvalidOptionError("logger", logger, "an object with warn and error, such as console, or null");
}

function signalNames(names: readonly string[] | undefined): readonly string[] {
  if (names === undefined) return [];
  if (Array.isArray(names) && names.every((name) => /^SIG[A-Z0-9]+$/.test(String(name)))) return names;
  throw new InvalidOptionError("stopOn", names, 'an array of signal names, such as ["SIGTERM"]');
}
