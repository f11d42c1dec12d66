// Where a consumer's tasks come from, and where it says what became of them. It is a long poll or a socket.

import { BATCH_TASKS } from "../protocol/call-limits.ts";
import type { CallControl } from "../client/caller.ts";
import type { NackOptions } from "../client/claims.ts";
import type { ClaimedTask } from "../client/task.ts";

export type Control = Pick<CallControl, "signal" | "timeoutMs">;

export type Settled = { readonly ok: true } | { readonly ok: false; readonly code: "claim-lost" | "task-not-found" };

export interface NackedTask<Payload> extends NackOptions {
  readonly task: ClaimedTask<Payload>;
}

/**
 * Every call is sent once, for the consumer knows best how long trying again is worth it. Each rejects with the signal's
 * reason when that is aborted, and with an EdgeqError when the server refuses or cannot be reached.
 */
export interface TaskSource<Payload> {
  /**
   * Up to `max` tasks, claimed for the consumer's claim timeout. Waits for the first within limits of its own: [] is an
   * answer.
   */
  take(max: number, signal: AbortSignal): Promise<ClaimedTask<Payload>[]>;
  /** A task that was taken is held no more: it is settled, or lost. */
  letGo(task: ClaimedTask<Payload>): void;
  /** No tasks are wanted until the next `take`; what has come for none is given back. */
  rest(): void;
  /** Lets its connections go. Called last. */
  close(): void;
  /** Up to 1,000 tasks are done. Results in order, here and below. */
  ack(tasks: readonly ClaimedTask<Payload>[], control: Control): Promise<Settled[]>;
  /** Up to 1,000 tasks are not. */
  nack(items: readonly NackedTask<Payload>[], control: Control): Promise<Settled[]>;
  /** Keeps up to 1,000 claims for the claim timeout from now. */
  extend(tasks: readonly ClaimedTask<Payload>[], control: Control): Promise<Settled[]>;
}

/** The most tasks that one call may name. */
export const MAX_ITEMS = BATCH_TASKS;

/** No sending is waited for longer, as no other call of the client is. ms */
const LONGEST_ATTEMPT_MS = 30_000;
/** Nor cut shorter than this, while there is so much time. ms */
const SHORTEST_ATTEMPT_MS = 1_000;

/**
 * How long one sending waits for its answer: a third of what is left of the claims, so that if its connection hangs another follows, and
 * another, while they are held. @param leftMs above 0
 */
export function attemptMs(leftMs: number): number {
  return Math.ceil(Math.min(LONGEST_ATTEMPT_MS, Math.max(leftMs / 3, Math.min(leftMs, SHORTEST_ATTEMPT_MS))));
}
