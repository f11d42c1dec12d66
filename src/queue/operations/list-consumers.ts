// The consumers of the queue: those that hold claims or wait for tasks, and those that have since the queue was opened.

import type { ConsumerView } from "../../core/queue-history.ts";
import type { OnQueue } from "./run.ts";

/** To count and sort one takes as long as to walk over so many claims. */
const ENTRIES_A_CONSUMER = 10;

type Found = { -readonly [Name in keyof ConsumerView]: ConsumerView[Name] };

export const listConsumers: OnQueue<"listConsumers"> = (state, { limit }, now) => {
  const found = new Map<string | null, Found>();
  for (const [claimant, { sinceAt, seenAt, acked, failed, ackedLately, failedLately }] of state.claimants.entries()) {
    found.set(claimant, {
      ...nobody(claimant, seenAt),
      sinceAt,
      acked,
      failed,
      ackedPerMinute: ackedLately.total(now),
      failedPerMinute: failedLately.total(now),
    });
  }
  for (const { slot, expiresAt } of state.claims.values()) {
    if (expiresAt <= now) continue;
    const { claimedAt } = slot;
    const consumer = consumerOf(found, slot.claimant, claimedAt ?? now);
    consumer.claims += 1;
    if (claimedAt !== null) consumer.sinceAt = Math.min(consumer.sinceAt ?? claimedAt, claimedAt);
  }
  for (const { claimant = null } of state.standing()) {
    const consumer = consumerOf(found, claimant, now);
    consumer.waiting += 1;
    consumer.lastSeenAt = now;
  }
  state.scans.walked(state.claims.size + ENTRIES_A_CONSUMER * found.size);
  const consumers = [...found.values()].sort(
    (a, b) => b.claims - a.claims || b.waiting - a.waiting || b.lastSeenAt - a.lastSeenAt,
  );
  return { kind: "done", consumers: consumers.slice(0, limit), more: consumers.length > limit };
};

function consumerOf(found: Map<string | null, Found>, claimant: string | null, lastSeenAt: number): Found {
  const known = found.get(claimant);
  if (known !== undefined) return known;
  const consumer = nobody(claimant, lastSeenAt);
  found.set(claimant, consumer);
  return consumer;
}

function nobody(claimant: string | null, lastSeenAt: number): Found {
  const counts = { claims: 0, waiting: 0, acked: 0, failed: 0, ackedPerMinute: 0, failedPerMinute: 0 };
  return { claimant, sinceAt: null, lastSeenAt, ...counts };
}
