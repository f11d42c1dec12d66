// The queues that a torture works on: one with a dead-letter queue, one whose dead tasks stay, one that is fed by modifies, and
// three with keys, which limit, order, and order strictly.

import type { QueueSettings } from "../history.ts";
import type { Random } from "../../simulation/random.ts";

const DEDUPE_MS = 604_800_000;
const BACKOFF = { minMs: 50, maxMs: 400, factor: 2, jitter: 0.2 };

export const QUEUES = {
  orders: { claimTimeoutMs: 1_500, maxAttempts: 4, deadLetterQueue: "orders-dead" },
  work: { claimTimeoutMs: 1_000, maxAttempts: 3, deadLetterQueue: null },
  chain: { claimTimeoutMs: 1_200, maxAttempts: 5, deadLetterQueue: null },
  hosts: {
    claimTimeoutMs: 1_000,
    maxAttempts: 4,
    deadLetterQueue: null,
    keys: { order: "none", concurrency: 2, rate: { limit: 25, periodMs: 1_000, burst: 5 } },
  },
  steps: {
    claimTimeoutMs: 1_000,
    maxAttempts: 4,
    deadLetterQueue: null,
    keys: { order: "fifo", concurrency: 1, rate: null },
  },
  ledger: {
    claimTimeoutMs: 1_000,
    maxAttempts: 3,
    deadLetterQueue: null,
    keys: { order: "strict", concurrency: null, rate: null },
  },
  "orders-dead": { claimTimeoutMs: 1_000, maxAttempts: 1_000, deadLetterQueue: null },
} as const satisfies Readonly<Record<string, QueueSettings>>;

export type QueueName = keyof typeof QUEUES;

/** As they are configured: ids are remembered for longer than any torture lasts. */
export function settingsOf(name: QueueName): Readonly<Record<string, unknown>> {
  return { ...QUEUES[name], backoff: BACKOFF, dedupeMs: DEDUPE_MS };
}

export const KEYED = ["hosts", "steps", "ledger"] as const satisfies readonly QueueName[];

/** Few, so that each has tasks that wait for one another. */
export const KEYS = ["a", "b", "c", "d", "e"] as const;

export const LANES = ["main", "urgent", "bulk"] as const;

/** Where, when and how a task is to be offered, at random; most tasks say nothing. */
export function placement(random: Random): Readonly<Record<string, string | number>> {
  return {
    ...(random.chance(0.4) ? { lane: random.pick(LANES) } : {}),
    ...(random.chance(0.2) ? { priority: random.pick([-1, 1, 2]) } : {}),
    ...(random.chance(0.15) ? { delayMs: 50 + random.below(1_500) } : {}),
    ...(random.chance(0.03) ? { ttlMs: 500 + random.below(3_000) } : {}),
  };
}
