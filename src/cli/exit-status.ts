// What the command's exit status says. Scripts depend on it: docs/cli.md has the same table.

import {
  EdgeqError,
  InvalidOptionError,
  InvalidPayloadError,
  ProblemError,
  UnreachableError,
} from "../client/index.ts";

export const EXIT = {
  ok: 0,
  /** The server refused, or the work did not succeed. */
  failed: 1,
  /** Wrong arguments or input; nothing was sent that would have been refused. */
  usage: 2,
  /** No answer from the server. */
  unreachable: 3,
  /** No token, a wrong one, or one that does not allow this. */
  notAllowed: 4,
  /** The queue or the task does not exist, or there is no task to claim. */
  nothing: 5,
} as const;

/** What a command says of wrong arguments or input, for a person. */
export class UsageError extends Error {
  readonly code = "usage";
}

export function exitStatusOf(error: unknown): number {
  if (error instanceof UsageError || error instanceof InvalidOptionError || error instanceof InvalidPayloadError) {
    return EXIT.usage;
  }
  if (error instanceof UnreachableError) return EXIT.unreachable;
  if (!(error instanceof ProblemError)) return EXIT.failed;
  switch (error.code) {
    case "invalid-request":
      return EXIT.usage;
    case "unauthorized":
    case "forbidden":
    case "auth-not-configured":
      return EXIT.notAllowed;
    case "queue-not-found":
    case "task-not-found":
      return EXIT.nothing;
    default:
      return EXIT.failed;
  }
}

/** The error as `--json` tells it. */
export function errorDocument(error: unknown): { error: { code: string; message: string; problem?: unknown } } {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof ProblemError) return { error: { code: error.code, message, problem: error.problem } };
  if (error instanceof EdgeqError || error instanceof UsageError) return { error: { code: error.code, message } };
  return { error: { code: "failed", message } };
}
