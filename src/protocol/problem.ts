// Every error that the API answers with: its stable code, its status, its title, and whether trying again can help. The
// HTTP layer, the sockets, the client's error classes and the documentation are all built from this table.

interface ProblemKind {
  readonly status: number;
  readonly title: string;
  /** Whether the same request may succeed later without anybody changing it. */
  readonly retryable: boolean;
}

export const PROBLEMS = {
  "invalid-request": { status: 400, title: "The request is not valid", retryable: false },
  unauthorized: { status: 401, title: "A valid token is required", retryable: false },
  forbidden: { status: 403, title: "The token does not allow this", retryable: false },
  "not-found": { status: 404, title: "There is nothing at this path", retryable: false },
  "queue-not-found": { status: 404, title: "The queue does not exist", retryable: false },
  "task-not-found": { status: 404, title: "The task does not exist", retryable: false },
  "document-not-found": { status: 404, title: "The document does not exist", retryable: false },
  "method-not-allowed": { status: 405, title: "The method is not allowed here", retryable: false },
  "request-timeout": { status: 408, title: "The request took too long to arrive", retryable: true },
  "version-conflict": {
    status: 409,
    title: "The task is not at that version, or not free to change",
    retryable: false,
  },
  "dependency-failed": { status: 409, title: "The modify was refused and changed nothing", retryable: false },
  "call-forgotten": { status: 409, title: "The call's number is remembered no more", retryable: false },
  "export-ended": { status: 409, title: "The export has ended", retryable: false },
  "queue-not-empty": { status: 409, title: "The queue is not empty", retryable: false },
  "queue-paused": { status: 409, title: "The queue is paused", retryable: true },
  "payload-too-large": { status: 413, title: "The request is too large", retryable: false },
  "unsupported-media-type": { status: 415, title: "The content type is not supported", retryable: false },
  "call-reused": { status: 422, title: "The call's number or key was used for another call", retryable: false },
  "upgrade-required": { status: 426, title: "This path is a WebSocket's", retryable: false },
  "queue-full": { status: 429, title: "The queue is full", retryable: true },
  "too-many-claims": { status: 429, title: "Too many tasks are claimed", retryable: true },
  "rate-limited": { status: 429, title: "Too many requests", retryable: true },
  "budget-reached": { status: 429, title: "The queue's budget is used up", retryable: true },
  "not-supported": { status: 501, title: "The platform cannot do this", retryable: false },
  internal: { status: 500, title: "An error of the server's own", retryable: true },
  "auth-not-configured": { status: 503, title: "No secret is configured, so nobody is let in", retryable: false },
  "issuer-unavailable": { status: 503, title: "The token cannot be verified just now", retryable: true },
  "not-ready": { status: 503, title: "The server cannot write", retryable: true },
  overloaded: { status: 503, title: "The queue is overloaded", retryable: true },
  "storage-full": { status: 507, title: "There is no room left to write", retryable: true },
  "spend-limit": { status: 503, title: "The platform's limit of spending is reached", retryable: true },
} as const satisfies Record<string, ProblemKind>;

export type ProblemCode = keyof typeof PROBLEMS;

/** An error document (RFC 9457). Beside these members it carries what is particular to its code. */
export interface Problem {
  readonly type: string;
  readonly code: ProblemCode;
  readonly status: number;
  readonly title: string;
  /** What is wrong in this very request: the field, what was given, what is allowed. */
  readonly detail: string;
  /** When the same request may be let in, where that is known. ms from now. */
  readonly retryAfterMs?: number;
  readonly [member: string]: unknown;
}

/** Identifies the code, as RFC 9457 wants it: a name, resolvable in the documentation, never fetched. */
const TYPE_BASE = "urn:edgeq:problem:";

export function problem(code: ProblemCode, detail: string, members: Readonly<Record<string, unknown>> = {}): Problem {
  const { status, title } = PROBLEMS[code];
  return { type: TYPE_BASE + code, code, status, title, detail, ...members };
}
