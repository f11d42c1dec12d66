// How often something may happen, by the generic cell rate algorithm: one instant is all that is remembered.
// Source: ITU-T I.371 (virtual scheduling).

import type { WireRate as Rate } from "../protocol/wire-queue.ts";

export type { WireRate as Rate } from "../protocol/wire-queue.ts";

/**
 * The first instant at which something of this cost may happen. What costs more than the burst waits until all of it is there.
 *
 * @param theoreticalAt what `charged` returned last; 0: nothing has happened yet
 * @returns ms since the epoch, an integer
 */
export function allowedAt({ limit, periodMs, burst }: Rate, theoreticalAt: number, cost: number): number {
  return Math.ceil(theoreticalAt - (Math.max(0, burst - cost) * periodMs) / limit);
}

/** What is to be remembered after something of this cost has happened. */
export function charged({ limit, periodMs }: Rate, theoreticalAt: number, cost: number, now: number): number {
  return Math.max(theoreticalAt, now) + (cost * periodMs) / limit;
}

/**
 * What is to be remembered when another rate holds from now on: as much of it has been used as of the one before, but no more than its
 * burst. What cost more than the burst of its time stays dear.
 */
export function changedTo(after: Rate, before: Rate, theoreticalAt: number, now: number): number {
  if (theoreticalAt <= now) return theoreticalAt;
  const used = ((theoreticalAt - now) * before.limit) / before.periodMs;
  const kept = Math.min(used, after.burst + Math.max(0, used - before.burst));
  return now + (kept * after.periodMs) / after.limit;
}

/** How many of cost 1 may happen at once; at most the burst. */
export function creditOf({ limit, periodMs, burst }: Rate, theoreticalAt: number, now: number): number {
  const used = (Math.max(0, theoreticalAt - now) * limit) / periodMs;
  return Math.max(0, Math.floor(burst - used));
}
