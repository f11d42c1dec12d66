// How long a failed task waits before it is offered again.

import type { Backoff } from "./settings.ts";

/**
 * Delay after a failed attempt: `minMs * factor^(attempt - 1)`, at most `maxMs`, of which the last `jitter` share is random.
 *
 * @param attempt the attempt that failed, from 1; however many there have been
 * @param random a number in [0, 1)
 * @returns ms, an integer in [0, maxMs]. Never throws.
 */
export function backoffMs({ minMs, maxMs, factor, jitter }: Backoff, attempt: number, random: number): number {
  // A power beyond all numbers is infinite, and 0 times that is not a number.
  const full = minMs === 0 ? 0 : Math.min(maxMs, minMs * factor ** (attempt - 1));
  return Math.round(full * (1 - jitter * random));
}
