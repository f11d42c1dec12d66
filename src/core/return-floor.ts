// How long a task rests that is claimed and given back over and over. Each round is two requests and two rows written, and with
// no delay and no limit of attempts nothing else would end it.

/** Returns without an attempt that are at once: consumers that stop give back what they hold, and so do those that restart. */
const FREE_RELEASES = 16;
/** Returns of any kind that are at once if nobody asked for a delay: most tasks die long before. */
const FREE_RETURNS = 100;
/** So short that a consumer which asks for a delay of its own gets that. ms */
export const LONGEST_FLOOR_MS = 1_000;

/**
 * Of a release: 0 for the first 16 returns of a task that no attempt counted, then 1 ms, twice as long with each further one, at
 * most 1 s. ms
 *
 * @param version of the task's row when it was claimed: 1 as written, 2 more after each claim that ended, 1 more after each change
 * @param attempts of that row
 */
export function releaseFloorMs(version: number, attempts: number): number {
  return Math.max(floorMs(returnsOf(version) - attempts - FREE_RELEASES), returnFloorMs(version));
}

/** Of any return, a failure, an expiry or a snooze: 0 for the first 100, then 1 ms, doubled with each further one, at most 1 s. ms */
export function returnFloorMs(version: number): number {
  return floorMs(returnsOf(version) - FREE_RETURNS);
}

/** Whether a task with this version has rested for such a floor. */
export function isSlowed(version: number): boolean {
  return returnsOf(version) > FREE_RETURNS;
}

function returnsOf(version: number): number {
  return Math.floor((version - 1) / 2);
}

function floorMs(over: number): number {
  return over < 0 ? 0 : Math.min(LONGEST_FLOOR_MS, 2 ** over);
}
