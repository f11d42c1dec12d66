// The bounds that clients and consumers check by themselves, by who needs them: a bundle carries what it imports, not the rest.
// Plain numbers, since bundlers keep what is reckoned.

/** One transaction of this many rows stays within a few tens of milliseconds. */
export const BATCH_TASKS = 1_000;
/** Long enough to save polls, short enough for every proxy's idle timeout. */
export const MAX_WAIT_MS = 20_000;
/** Calls of one producer whose answers are remembered, and so the most that it may have unanswered. */
export const PRODUCER_CALLS = 256;
/** An error text is for people too; a longer one is cut, not refused, so that a failure is never lost over its length. */
export const ERROR_LENGTH = 1_024;
/** JSON nested deeper than this is refused: recursive walks stay far from the end of the stack. */
export const JSON_DEPTH = 100;

export const SOCKET_LIMITS = {
  /** Messages that one frame may hold, and requests that one socket may have unanswered. */
  frameMessages: 1_000,
  socketRequests: 1_000,
  /** Requests of one socket that wait for their turn, in bytes of their frames. */
  socketRequestBytes: 16_777_216,
} as const;

export const CONSUMER_LIMITS = {
  /** The claimant is a label for people: host and process fit. */
  claimantLength: 128,
  /** 12 hours. */
  claimTimeoutMs: 43_200_000,
  /** 366 days, a leap year. */
  delayMs: 31_622_400_000,
} as const;

/** Queue names: also what the directory lists and what a path segment holds unescaped. */
export const QUEUE_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$/;
