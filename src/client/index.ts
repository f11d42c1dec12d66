// edgeq/client: what producers, and whoever looks after a queue, install.

export { Queue } from "./queue.ts";
export { TracedQueue, type TracedQueueOptions } from "./traced-queue.ts";
export type { OpenSpan, SpanAttributes, TraceHeaders, Tracing, TracingSpan } from "./tracing.ts";
export type { QueueChecks, QueueOptions, QueueReach } from "./queue-options.ts";
export type { CallControl } from "./caller.ts";
export type { ClaimRef } from "./task.ts";
export type { AcceptOptions, ClaimOptions, NackItem, NackOptions, QueueClaims } from "./claims.ts";
export type { BrowsedTask, ClaimedTask, NewTask, TaskOptions } from "./task.ts";
export type { FoundPage, TaskPage } from "./task-page.ts";
export type { Enqueueable, NotKept, Sent } from "./json-types.ts";
export type { Documents } from "./documents.ts";
export type { Keys } from "./keys.ts";
export type { BatchOptions } from "./batcher.ts";
export type { RetryOptions } from "./retry-policy.ts";
export type { StandardSchema } from "./standard-schema.ts";
export { BindingTransport, type QueueBinding } from "./binding-transport.ts";
export { HttpTransport, type Fetch, type HttpTransportOptions } from "./http-transport.ts";
export { SocketTransport, type SocketTransportOptions } from "./socket-transport.ts";
export type { CallLimits, CallOptions, CallOutcome, Endpoint, Transport } from "./transport.ts";
export {
  ClaimLostError,
  EdgeqError,
  ForeignAnswerError,
  InvalidOptionError,
  InvalidPayloadError,
  UnreachableError,
} from "./edgeq-error.ts";
export { isEdgeqError, isProblem, isRetryable } from "./is-error.ts";
export {
  AuthNotConfiguredError,
  BudgetReachedError,
  CallForgottenError,
  CallReusedError,
  DependencyFailedError,
  DocumentNotFoundError,
  ForbiddenError,
  InternalError,
  InvalidRequestError,
  IssuerUnavailableError,
  MethodNotAllowedError,
  NotFoundError,
  NotReadyError,
  NotSupportedError,
  OverloadedError,
  PayloadTooLargeError,
  ProblemError,
  QueueFullError,
  QueueNotFoundError,
  QueuePausedError,
  ExportEndedError,
  QueueNotEmptyError,
  RateLimitedError,
  RequestTimeoutError,
  SpendLimitError,
  StorageFullError,
  TaskNotFoundError,
  TooManyClaimsError,
  UnauthorizedError,
  UnsupportedMediaTypeError,
  UpgradeRequiredError,
  VersionConflictError,
} from "./problem-error.ts";
export { PROBLEMS, type Problem, type ProblemCode } from "../protocol/problem.ts";
export type * from "../protocol/wire-apply.ts";
export type * from "../protocol/wire-call.ts";
export type * from "../protocol/wire-document.ts";
export type * from "../protocol/wire-key.ts";
export type * from "../protocol/wire-modify.ts";
export type * from "../protocol/wire-operations.ts";
export type * from "../protocol/wire-outbox.ts";
export type * from "../protocol/wire-queue.ts";
export type * from "../protocol/wire-task.ts";
export type * from "../protocol/wire-transfer.ts";
