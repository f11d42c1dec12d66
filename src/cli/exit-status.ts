// The command's exit status. Scripts depend on it: docs/cli.md has the same table.

import {
  EdgeqError,
  ForeignAnswerError,
  InvalidOptionError,
  InvalidPayloadError,
  ProblemError,
  UnreachableError,
  type Problem,
  type ProblemCode,
} from "../client/index.ts";
import { SettingError } from "../serve/command-error.ts";
import { didYouMean } from "./did-you-mean.ts";
import { OtherVersionError } from "./other-server.ts";

export const EXIT = {
  ok: 0,
  /** The server refused, or the work did not succeed. */
  failed: 1,
  /** Wrong arguments or input; nothing was sent that would have been refused. */
  usage: 2,
  /** No answer from the server, or something else answered in its place. */
  unreachable: 3,
  /** No token, a wrong one, or one that does not allow this. */
  notAllowed: 4,
  /** The queue, the task or the document does not exist, or there is no task to claim. */
  nothing: 5,
} as const;

/** What a command says of wrong arguments or input, for a person. */
export class UsageError extends Error {
  readonly code = "usage";
}

/** Wrong options, input or settings: the same error sent again stays wrong. */
const WRONG_INPUT = [UsageError, SettingError, InvalidOptionError, InvalidPayloadError];

export function exitStatusOf(error: unknown): number {
  if (error instanceof OtherVersionError) return exitStatusOf(error.cause);
  if (WRONG_INPUT.some((kind) => error instanceof kind)) return EXIT.usage;
  if (error instanceof UnreachableError || error instanceof ForeignAnswerError) return EXIT.unreachable;
  return error instanceof ProblemError ? (REFUSED[error.code as ProblemCode] ?? EXIT.failed) : EXIT.failed;
}

/** Refusals that are told apart from the others. */
const REFUSED: { readonly [Code in ProblemCode]?: number } = {
  "invalid-request": EXIT.usage,
  unauthorized: EXIT.notAllowed,
  forbidden: EXIT.notAllowed,
  "auth-not-configured": EXIT.notAllowed,
  "queue-not-found": EXIT.nothing,
  "task-not-found": EXIT.nothing,
  "document-not-found": EXIT.nothing,
};

/** The error as `--json` prints it. */
export function errorDocument(error: unknown): { error: { code: string; message: string; problem?: unknown } } {
  const text = error instanceof Error ? error.message : String(error);
  if (error instanceof OtherVersionError) {
    const { error: of } = errorDocument(error.cause);
    return { error: { ...of, message: `${of.message}; ${text}` } };
  }
  const hint = hintOf(error);
  const message = hint === null ? text : `${text}; ${hint}`;
  if (error instanceof ProblemError) return { error: { code: error.code, message, problem: error.problem } };
  if (error instanceof SettingError) return { error: { code: "usage", message } };
  if (error instanceof EdgeqError || error instanceof UsageError) return { error: { code: error.code, message } };
  return { error: { code: "failed", message } };
}

/** What to do about it, where the error does not say so itself. */
function hintOf(error: unknown): string | null {
  if (error instanceof UnreachableError) return "--url or EDGEQ_URL names the server, and edgeq dev starts one here";
  if (!(error instanceof ProblemError)) return null;
  return error.code === "invalid-request" ? fieldHint(error.problem) : (HINTS[error.code as ProblemCode] ?? null);
}

const HINTS: { readonly [Code in ProblemCode]?: string } = {
  unauthorized: "--token or EDGEQ_TOKEN gives one, and edgeq token makes it",
  "queue-paused": "edgeq resume offers them again",
  "queue-not-found": "edgeq queues lists those that exist",
};

/** A field that is not known is most likely misspelt. */
function fieldHint({ field, allowed }: Problem): string | null {
  const [, names] = /^only the fields (.*)$/.exec(String(allowed)) ?? [];
  const given = String(field).split(".").at(-1) ?? "";
  const meant = names === undefined ? null : didYouMean(given, names.split(", "));
  return meant === null ? null : `did you mean ${meant}?`;
}
