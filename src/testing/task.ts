// Claimed tasks made by hand, for a handler that is called as the function it is.

import type { ClaimedTask } from "../client/task.ts";
import type { HandlerContext } from "../consumer/consume.ts";

let made = 0;

/**
 * A claimed task as a handler gets it, in its first attempt, enqueued now.
 *
 * @param fields what differs: `attempts`, `headers`, `lane`, ... Its claim is not one of any queue.
 */
export function task<Payload>(payload: Payload, fields: Partial<ClaimedTask<Payload>> = {}): ClaimedTask<Payload> {
  made += 1;
  const now = Date.now();
  return {
    id: `task-${made}`,
    claim: `claim-${made}`,
    version: 1,
    attempts: 1,
    maxAttempts: 5,
    lane: "main",
    priority: 0,
    headers: {},
    contentType: null,
    enqueuedAt: now,
    visibleAt: now,
    claimedUntil: now + 30_000,
    expiresAt: null,
    error: null,
    origin: null,
    payload,
    ...fields,
  };
}

/** What a handler gets beside its task. @param signal default: one that is never aborted */
export function context(signal: AbortSignal = new AbortController().signal): HandlerContext {
  return { signal };
}
