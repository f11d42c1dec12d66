// An error class for every problem code of the server. A bundle carries those that its program names: the others are
// ProblemErrors, which have the same name, code and all else.

import type { Problem, ProblemCode } from "../protocol/problem.ts";
import { EdgeqError, nameOf } from "./edgeq-error.ts";
import { passesByItself } from "./retryable.ts";

/** Problems whose details say all that their titles do, so that both in a row would say it twice. */
const WHOLE_DETAIL = /^(invalid-request|forbidden|(task|document)-not-found|version-conflict)$/;

/** A refusal by the server, with its whole problem document. */
export class ProblemError<Code extends ProblemCode = ProblemCode> extends EdgeqError {
  declare readonly code: Code;
  declare readonly status: number;
  override readonly retryable: boolean;
  /** The whole error document (RFC 9457): beside `detail` it carries what is particular to its code. */
  declare readonly problem: Problem;
  /** How long the server asked to wait. ms; null: it did not say. */
  declare readonly retryAfterMs: number | null;

  constructor(code: Code, problem: Problem, retryAfterMs: number | null) {
    super(WHOLE_DETAIL.test(code) ? problem.detail : `${problem.title}: ${problem.detail}`);
    this.code = code;
    this.status = problem.status;
    this.retryable = passesByItself(problem);
    this.problem = problem;
    this.retryAfterMs = retryAfterMs;
  }
}

type ClassOf<Code extends ProblemCode> = new (problem: Problem, retryAfterMs: number | null) => ProblemError<Code>;

const CLASSES = new Map<string, ClassOf<ProblemCode>>();

function classOf<Code extends ProblemCode>(code: Code): ClassOf<Code> {
  const Class = class extends ProblemError<Code> {
    constructor(problem: Problem, retryAfterMs: number | null) {
      super(code, problem, retryAfterMs);
    }
  };
  Object.defineProperty(Class, "name", { value: nameOf(code) });
  CLASSES.set(code, Class);
  return Class;
}

export function problemError(problem: Problem, retryAfterMs: number | null): ProblemError {
  const Class = CLASSES.get(problem.code);
  return Class === undefined ? new ProblemError(problem.code, problem, retryAfterMs) : new Class(problem, retryAfterMs);
}

/** The answer; null when what was asked for is not there, or its queue is not. */
export async function foundOrNull<Answer>(asked: Promise<Answer>): Promise<Answer | null> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof ProblemError && error.code.endsWith("-not-found")) return null;
    throw error;
  }
}

// One class for each code of PROBLEMS: `error instanceof QueueFullError` is `error.code === "queue-full"`. "Pure" lets bundlers
// leave out those that nobody names.
export const AuthNotConfiguredError = /* @__PURE__ */ classOf("auth-not-configured");
export const BudgetReachedError = /* @__PURE__ */ classOf("budget-reached");
export const CallForgottenError = /* @__PURE__ */ classOf("call-forgotten");
export const CallReusedError = /* @__PURE__ */ classOf("call-reused");
export const DependencyFailedError = /* @__PURE__ */ classOf("dependency-failed");
export const DocumentNotFoundError = /* @__PURE__ */ classOf("document-not-found");
export const ForbiddenError = /* @__PURE__ */ classOf("forbidden");
export const InternalError = /* @__PURE__ */ classOf("internal");
export const InvalidRequestError = /* @__PURE__ */ classOf("invalid-request");
export const IssuerUnavailableError = /* @__PURE__ */ classOf("issuer-unavailable");
export const MethodNotAllowedError = /* @__PURE__ */ classOf("method-not-allowed");
export const NotFoundError = /* @__PURE__ */ classOf("not-found");
export const NotReadyError = /* @__PURE__ */ classOf("not-ready");
export const NotSupportedError = /* @__PURE__ */ classOf("not-supported");
export const OverloadedError = /* @__PURE__ */ classOf("overloaded");
export const PayloadTooLargeError = /* @__PURE__ */ classOf("payload-too-large");
export const QueueFullError = /* @__PURE__ */ classOf("queue-full");
export const QueueNotFoundError = /* @__PURE__ */ classOf("queue-not-found");
export const QueuePausedError = /* @__PURE__ */ classOf("queue-paused");
export const ExportEndedError = /* @__PURE__ */ classOf("export-ended");
export const QueueNotEmptyError = /* @__PURE__ */ classOf("queue-not-empty");
export const RateLimitedError = /* @__PURE__ */ classOf("rate-limited");
export const RequestTimeoutError = /* @__PURE__ */ classOf("request-timeout");
export const SpendLimitError = /* @__PURE__ */ classOf("spend-limit");
export const StorageFullError = /* @__PURE__ */ classOf("storage-full");
export const TaskNotFoundError = /* @__PURE__ */ classOf("task-not-found");
export const TooManyClaimsError = /* @__PURE__ */ classOf("too-many-claims");
export const UnauthorizedError = /* @__PURE__ */ classOf("unauthorized");
export const UnsupportedMediaTypeError = /* @__PURE__ */ classOf("unsupported-media-type");
export const UpgradeRequiredError = /* @__PURE__ */ classOf("upgrade-required");
export const VersionConflictError = /* @__PURE__ */ classOf("version-conflict");
