// Every error that the client throws has this as its base, with a stable code and whether trying again can help.

export abstract class EdgeqError extends Error {
  /** Stable, for programs: a problem code of the server (docs/problems), or one of the client's own. */
  abstract readonly code: string;
  /** Whether the same call may succeed later without anybody changing it. */
  readonly retryable: boolean = false;

  /** Made of the code, since minifiers rename classes: `queue-full` is `QueueFullError`. */
  override get name(): string {
    return nameOf(this.code);
  }
}

export function nameOf(code: string): string {
  return `-${code}-error`.replaceAll(/-./g, (start) => start.slice(1).toUpperCase());
}

/** An option that is wrong, found before anything is sent. Code `invalid-option`. */
export class InvalidOptionError extends EdgeqError {
  readonly code = "invalid-option";
  declare readonly option: string;
  declare readonly given: unknown;
  declare readonly allowed: string;

  constructor(option: string, given: unknown, allowed: string) {
    super(`${option}: given ${shown(given)}, allowed: ${allowed}`);
    this.option = option;
    this.given = given;
    this.allowed = allowed;
  }
}

/** A payload that cannot be sent, or that its schema refuses, found before anything is sent. Code `invalid-payload`. */
export class InvalidPayloadError extends EdgeqError {
  readonly code = "invalid-payload";
  /** Where in the payload: `payload.items[3].price`. */
  declare readonly path: string;

  constructor(path: string, reason: string) {
    super(`${path}: ${reason}`);
    this.path = path;
  }
}

/** A claim that is not held any more: it has expired, or its task is done or gone (P4). */
export class ClaimLostError extends EdgeqError {
  declare readonly code: "claim-lost" | "task-not-found";
  declare readonly claim: string;

  constructor(claim: string, code: "claim-lost" | "task-not-found") {
    super(`Claim ${claim} is not held: ${code === "claim-lost" ? "it has ended" : "its task is done or gone"}`);
    this.code = code;
    this.claim = claim;
  }

  override get name(): string {
    return "ClaimLostError";
  }
}

/** No answer came, after as many attempts as were allowed. Whether the call took effect is not known. Code `unreachable`. */
export class UnreachableError extends EdgeqError {
  readonly code = "unreachable";
  override readonly retryable = true;
  declare readonly attempts: number;

  constructor(attempts: number, cause: unknown) {
    super(`No answer after ${attempts} attempt${attempts === 1 ? "" : "s"}: ${reasonOf(cause)}`, { cause });
    this.attempts = attempts;
  }
}

/**
 * What answered is no edgeq: a web page, or another API. Check the URL, and its path. Code `foreign-answer`.
 */
export class ForeignAnswerError extends EdgeqError {
  readonly code = "foreign-answer";

  constructor(cause: Error) {
    super(`${cause.message}. Check the URL and its path`, { cause });
  }
}

/** Never throws: what a user's code throws may be anything. */
export function messageOf(error: unknown): string {
  try {
    return String(error instanceof Error ? error.message : error);
  } catch {
    return "an error that cannot be read";
  }
}

/** fetch says "fetch failed" and hides the reason in the cause. */
function reasonOf(error: unknown): string {
  const { cause } = Object(error) as { readonly cause?: Partial<Error> | null };
  return messageOf(error) + (cause?.message ? ` (${cause.message})` : "");
}

/** A value in a message, cut where it is long. */
export function shown(given: unknown): string {
  if (typeof given === "string") return JSON.stringify(given.length > 100 ? `${given.slice(0, 100)}...` : given);
  if (typeof given === "function") return "a function";
  if (given !== Object(given)) return String(given);
  return Array.isArray(given) ? "an array" : "an object";
}
