// How long a task rests that is released over and over. A release counts no attempt, so nothing else would end a consumer that
// claims and releases in a tight loop, for two rows each time.

/** Returns without an attempt that are at once: consumers that stop give back what they hold, and so do those that restart. */
const FREE_RETURNS = 16;
/** ms */
const LONGEST_FLOOR = 1_000;

/**
 * 0 for the first 16 returns of a task that no attempt counted, then 1 ms, twice as long with each further one, at most 1 s.
 *
 * @param version of the task's row when it was claimed: 1 as written, 2 more after each claim that ended, 1 more after each change
 * @param attempts of that row
 */
export function releaseFloorMs(version: number, attempts: number): number {
  const returns = Math.floor((version - 1) / 2) - attempts;
  return returns < FREE_RETURNS ? 0 : Math.min(LONGEST_FLOOR, 2 ** (returns - FREE_RETURNS));
}
