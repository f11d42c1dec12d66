// The exchange between a queue and the Worker that it pushes to: a batch out, and back what is to be retried. All else is
// acked.

import { parseClaimToken, type ClaimRef } from "../core/claim-token.ts";
import { LIMITS } from "../core/limits.ts";
import type { NackItem } from "../core/operation.ts";
import type { ClaimedTask } from "../core/task.ts";
import type { BacklogMetrics } from "./backlog-metrics.ts";
import { messageBody } from "./message-body.ts";
import { delayOf } from "./send-request.ts";

interface PushedMessage {
  readonly id: string;
  readonly timestamp: Date;
  readonly attempts: number;
  readonly body: unknown;
}

export interface PushedBatch {
  readonly queue: string;
  readonly messages: readonly PushedMessage[];
  readonly metrics: BacklogMetrics;
}

export interface Retry {
  /** Which message, by its place in the batch. */
  readonly index: number;
  /** null: the consumer's retry_delay. */
  readonly delaySeconds: number | null;
  /** Why, if the handler failed; null: it asked for the retry. */
  readonly error: string | null;
  /** False: a snooze. Absent: the attempt counts, as it does on Cloudflare Queues. */
  readonly countAttempt?: boolean;
}

export interface PushOutcome {
  readonly retries: readonly Retry[];
}

/** What a Worker that is pushed to offers by RPC. */
export interface PushTarget {
  deliver(batch: PushedBatch): Promise<PushOutcome>;
}

/** What is to be done with the claims of a batch. */
export interface Settlement {
  readonly acks: readonly ClaimRef[];
  readonly nacks: readonly NackItem[];
}

export function batchOf(queue: string, tasks: readonly ClaimedTask[], metrics: BacklogMetrics): PushedBatch {
  const messages = tasks.map((task): PushedMessage => {
    return { id: task.id, timestamp: new Date(task.enqueuedAt), attempts: task.attempts, body: messageBody(task) };
  });
  return { queue, messages, metrics };
}

/**
 * Acks all but the retries.
 *
 * @throws when the outcome is not one that `queueConsumer` makes: then the push has failed
 */
export function settlementOf(tasks: readonly ClaimedTask[], outcome: PushOutcome, retryDelayMs: number): Settlement {
  const retries = new Map(outcome.retries.map((retry) => [retry.index, retry]));
  const acks: ClaimRef[] = [];
  const nacks: NackItem[] = [];
  for (const [index, { claim }] of tasks.entries()) {
    const retry = retries.get(index);
    if (retry === undefined) {
      acks.push(refOf(claim));
      continue;
    }
    const delayMs = retry.delaySeconds === null ? retryDelayMs : delayOf(retry.delaySeconds, LONGEST_DELAY) * 1_000;
    if (retry.countAttempt === false) nacks.push({ claim: refOf(claim), delayMs, snooze: true });
    else
      nacks.push({ claim: refOf(claim), delayMs, ...(retry.error === null ? {} : { error: errorText(retry.error) }) });
  }
  return { acks, nacks };
}

export const LONGEST_DELAY = { delaySeconds: LIMITS.delayMs / 1_000 };

/** Retries all, after the queue's backoff: nothing came back, so nothing is known of any message. */
export function settlementOfFailure(tasks: readonly ClaimedTask[], error: unknown): Settlement {
  return { acks: [], nacks: tasks.map(({ claim }) => ({ claim: refOf(claim), error: errorText(error) })) };
}

export function refOf(claim: string): ClaimRef {
  const ref = parseClaimToken(claim);
  if (ref === null) throw new Error(`a claim's own token has not its form: ${claim}`);
  return ref;
}

/** Never throws: what a handler throws may be anything. */
export function errorText(error: unknown): string {
  let text = "an error that cannot be read";
  try {
    text = String(error);
  } catch {
    // It stays that.
  }
  return text.slice(0, LIMITS.errorLength).toWellFormed();
}
