// How long a failed task waits before it is offered again.

import type { Backoff } from "./settings.ts";

/**
 * Delay after a failed attempt: `minMs * factor^(attempt - 1)`, at most `maxMs`, of which the last `jitter` share is random.
 *
 * @param attempt the attempt that failed, from 1
 * @param random a number in [0, 1)
 * @returns ms, an integer in [0, maxMs]. Never throws.
 */
export function backoffMs(backoff: Backoff, attempt: number, random: number): number {
  const full = Math.min(backoff.maxMs, backoff.minMs * backoff.factor ** (attempt - 1));
  return Math.round(full * (1 - backoff.jitter * random));
}
