// edgeq/consumer: what workers install.

export {
  consume,
  consumeBatches,
  type BatchContext,
  type BatchHandler,
  type Handler,
  type HandlerContext,
} from "./consume.ts";
export type { BatchConsumeOptions, BreakerOptions, ConsumeOptions } from "./consume-options.ts";
export { traced, tracedBatch, type TracedOptions } from "./traced-handler.ts";
export type { ConsumerQueue } from "./long-poll-source.ts";
export { Consumer } from "./consumer.ts";
export type { ConsumerEvents } from "./consumer-events.ts";
export type { ConsumerLogger } from "./reports.ts";
export {
  ClaimsLostError,
  ConsumerStoppedError,
  DeadLetter,
  deadLetter,
  HandlerTimedOutError,
  RateLimited,
  rateLimited,
  RetryAfter,
  retryAfter,
  Snooze,
  snooze,
} from "./handler-error.ts";
