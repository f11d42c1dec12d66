// How users start a consumer.

import { systemTimers } from "./timers.ts";
import { InvalidOptionError } from "../client/edgeq-error.ts";
import { booleanOption } from "../client/option.ts";
import type { ClaimedTask } from "../client/task.ts";
import { claimSettings, consumerSettings, type BatchConsumeOptions, type ConsumeOptions } from "./consume-options.ts";
import { Consumer } from "./consumer.ts";
import { Events } from "./events.ts";
import { LongPollSource, type OnInvalid } from "./long-poll-source.ts";
import { Reports } from "./reports.ts";
import { SocketChannel } from "../client/socket-channel.ts";
import { SocketSource } from "./socket-source.ts";
import { onStopSignals } from "./stop-signals.ts";
import type { TaskSource } from "./task-source.ts";
import type { Unit, UnitHandler } from "./unit.ts";

export interface HandlerContext {
  /** Aborted the moment the claim is lost, when the handler's time has run out, or when the consumer gives up waiting for it. */
  readonly signal: AbortSignal;
}

export interface BatchContext<Payload> {
  /** As HandlerContext's; aborted when all claims of the batch are lost. */
  readonly signal: AbortSignal;
  /**
   * This one is done, whatever becomes of the batch. The first `done` or `fail` of a task wins. A task is known by its claim, so a copy
   * of it will do; both throw InvalidOptionError for one that is not of the batch.
   */
  done(task: ClaimedTask<Payload>): void;
  /** This one failed, though others may be done. `error` as a handler would throw it: retryAfter, snooze, rateLimited and deadLetter work. */
  fail(task: ClaimedTask<Payload>, error: unknown): void;
  /** Whether its claim is still held. */
  isHeld(task: ClaimedTask<Payload>): boolean;
}

/** Does the work of one task. Returns or resolves: the task is acked. Throws or rejects: the attempt failed. */
export type Handler<Payload> = (task: ClaimedTask<Payload>, context: HandlerContext) => unknown;
/** Does the work of several. Tasks that it does not mention are acked if it returns, and have failed if it throws. */
export type BatchHandler<Payload> = (tasks: readonly ClaimedTask<Payload>[], context: BatchContext<Payload>) => unknown;

/**
 * Runs `handler` over the tasks of a queue, one task a call, until `stop`.
 *
 * Begins at once and never throws after that; see Consumer.finished. Throws InvalidOptionError for a wrong option.
 */
export function consume<Payload>(handler: Handler<Payload>, options: ConsumeOptions<Payload>): Consumer<Payload> {
  checkHandler(handler);
  return start((unit) => handler(unit.tasks[0] as ClaimedTask<Payload>, contextOf(unit)), options, false);
}

/**
 * Runs `handler` over batches of tasks: it is called when `batch.maxItems` have come, or `batch.maxWaitMs` after the first.
 *
 * Otherwise as `consume`; `concurrency` counts batches.
 */
export function consumeBatches<Payload>(
  handler: BatchHandler<Payload>,
  options: BatchConsumeOptions<Payload>,
): Consumer<Payload> {
  checkHandler(handler);
  return start((unit) => handler(unit.tasks, batchContext(unit)), options, true);
}

/** A unit as the handler of a batch sees it: functions that may be taken out of it. */
export function batchContext<Payload>(unit: Unit<Payload>): BatchContext<Payload> {
  return {
    signal: unit.signal,
    done: (task) => unit.done(task),
    fail: (task, error) => unit.fail(task, error),
    isHeld: (task) => unit.isHeld(task),
  };
}

/** Most handlers never look at the signal, so it is made when they do. */
function contextOf(unit: Unit<unknown>): HandlerContext {
  return {
    get signal() {
      return unit.signal;
    },
  };
}

function start<Payload>(
  handler: UnitHandler<Payload>,
  options: BatchConsumeOptions<Payload>,
  isBatch: boolean,
): Consumer<Payload> {
  const settings = consumerSettings(options, isBatch);
  const clock = systemTimers;
  const events = new Events<Payload>(new Reports(options.queue.name, settings.logger, clock));
  const source = sourceOf(options, settings.claimTimeoutMs, events);
  const consumer = new Consumer(handler, settings, { source, clock, events });
  if (settings.stopOn.length > 0) {
    const takeOff = onStopSignals(settings.stopOn, () => void consumer.stop());
    consumer.on("stopped", takeOff);
  }
  return consumer;
}

function sourceOf<Payload>(
  options: ConsumeOptions<Payload>,
  claimTimeoutMs: number,
  events: Events<Payload>,
): TaskSource<Payload> {
  const { queue } = options;
  const settings = claimSettings(options, claimTimeoutMs);
  const onInvalid: OnInvalid = (task, error, dead) =>
    events.emit("failed", { task: task as ClaimedTask<Payload>, error, dead, delayMs: undefined, durationMs: 0 });
  const poll = new LongPollSource(queue, settings, onInvalid);
  const wantsSocket = booleanOption("socket", options.socket, true);
  const { endpoint, accept } = queue;
  if (
    !wantsSocket ||
    endpoint === undefined ||
    endpoint === null ||
    accept === undefined ||
    typeof WebSocket !== "function"
  )
    return poll;
  return new SocketSource(
    (channelEvents, signal) => SocketChannel.open(endpoint, queue.name, channelEvents, signal),
    (tasks) => accept.call(queue, tasks, { onInvalid }),
    poll,
    settings,
    systemTimers,
  );
}

function checkHandler(handler: unknown): void {
  if (typeof handler !== "function") throw new InvalidOptionError("handler", handler, "a function");
}
