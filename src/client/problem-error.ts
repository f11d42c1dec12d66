// An error class for every problem code of the server, made from the one table of problems.

import { PROBLEMS, type Problem, type ProblemCode } from "../protocol/problem.ts";
import { EdgeqError } from "./edgeq-error.ts";

/** Problems whose details say all that their titles do, so that both in a row would say it twice. */
const WHOLE_DETAILS: ReadonlySet<string> = new Set<ProblemCode>([
  "invalid-request",
  "forbidden",
  "task-not-found",
  "document-not-found",
  "version-conflict",
]);

/** What the server refused, with all that it said about it. */
export class ProblemError<Code extends ProblemCode = ProblemCode> extends EdgeqError {
  readonly code: Code;
  readonly status: number;
  readonly retryable: boolean;
  /** The whole error document (RFC 9457): beside `detail` it carries what is particular to its code. */
  readonly problem: Problem;
  /** How long the server asked to wait. ms; null: it did not say. */
  readonly retryAfterMs: number | null;

  constructor(code: Code, problem: Problem, retryAfterMs: number | null) {
    super(WHOLE_DETAILS.has(code) ? problem.detail : `${problem.title}: ${problem.detail}`);
    this.code = code;
    this.status = problem.status;
    // A code that this version does not know is judged by its status.
    const known: { readonly retryable: boolean } | undefined = PROBLEMS[code];
    this.retryable = known?.retryable ?? (problem.status === 429 || problem.status >= 500);
    this.problem = problem;
    this.retryAfterMs = retryAfterMs;
  }
}

type Pascal<Code extends string> = Code extends `${infer Head}-${infer Tail}`
  ? `${Capitalize<Head>}${Pascal<Tail>}`
  : Capitalize<Code>;

type ClassOf<Code extends ProblemCode> = new (problem: Problem, retryAfterMs: number | null) => ProblemError<Code>;

/** `queue-full` is `QueueFullError`, and so on through the table. */
export type ProblemClasses = { readonly [Code in ProblemCode as `${Pascal<Code>}Error`]: ClassOf<Code> };

const BY_CODE = new Map<string, ClassOf<ProblemCode>>(
  (Object.keys(PROBLEMS) as ProblemCode[]).map((code) => [code, classOf(code)]),
);

function classOf(code: ProblemCode): ClassOf<ProblemCode> {
  const named = class extends ProblemError {
    constructor(problem: Problem, retryAfterMs: number | null) {
      super(code, problem, retryAfterMs);
    }
  };
  Object.defineProperty(named, "name", { value: classNameOf(code) });
  return named;
}

function classNameOf(code: string): string {
  return `${code.replaceAll(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase())}Error`;
}

/** All of them, by the name of the class. */
export const PROBLEM_CLASSES = Object.fromEntries(
  Array.from(BY_CODE, ([code, problemClass]) => [classNameOf(code), problemClass]),
) as ProblemClasses;

export function problemError(problem: Problem, retryAfterMs: number | null): ProblemError {
  const Known = BY_CODE.get(problem.code);
  return Known === undefined ? new ProblemError(problem.code, problem, retryAfterMs) : new Known(problem, retryAfterMs);
}

/** One class for each code of PROBLEMS: `error instanceof QueueFullError` is `error.code === "queue-full"`. */
export const {
  AuthNotConfiguredError,
  CallForgottenError,
  CallReusedError,
  DependencyFailedError,
  DocumentNotFoundError,
  ForbiddenError,
  InternalError,
  InvalidRequestError,
  MethodNotAllowedError,
  NotFoundError,
  NotReadyError,
  OverloadedError,
  PayloadTooLargeError,
  QueueFullError,
  QueueNotFoundError,
  QueuePausedError,
  RateLimitedError,
  RequestTimeoutError,
  TaskNotFoundError,
  TooManyClaimsError,
  UnauthorizedError,
  UnsupportedMediaTypeError,
  UpgradeRequiredError,
  VersionConflictError,
} = PROBLEM_CLASSES;
