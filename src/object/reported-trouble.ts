// Troubles of a queue by its reports: by the latest, and by what has changed since the one before.

import { TROUBLES, type QueueReport, type ReportedStats, type Trouble } from "../core/queue-report.ts";

/** Deaths are news for this long. ms. */
const DEATHS_MS = 10 * 60_000;
/** A consumer that polls leaves a ready task alone for less than this. ms. */
const UNHEARD_MS = 30_000;
/** A backlog that is younger is no news, whether it ages or not. ms. */
const YOUNG_MS = 60_000;

/** How many tasks have died here, by totals; with a dead-letter queue they are moved there. */
export function deathsIn(
  totals: Readonly<Record<string, number>>,
  deadLetterQueue: QueueReport["deadLetterQueue"],
): number {
  return (totals["died"] ?? 0) + ((deadLetterQueue ?? null) === null ? 0 : (totals["moved"] ?? 0));
}

/** Whether the oldest ready task has aged about as fast as time went by: nothing was taken from the front. */
export function isFallingBehind(stats: ReportedStats | null, before: ReportedStats | null, elapsedMs: number): boolean {
  const age = stats?.oldestReadyAgeMs ?? null;
  const ageBefore = before?.oldestReadyAgeMs ?? null;
  return age !== null && ageBefore !== null && age > YOUNG_MS && age - ageBefore > elapsedMs / 2;
}

/**
 * Whether attempts have ended so lately that somebody claims. One who polls holds nothing between two claims, and so may hold nothing
 * in the report.
 */
export function isWorkedOn({ failedPerMinute = 0, ackedPerMinute = 0 }: Rates, ageMs: number): boolean {
  return ageMs < UNHEARD_MS && failedPerMinute + ackedPerMinute > 0;
}

/** Fewer failures a minute are no news, whatever their share. */
const FAILURES = 10;

/** Whether more attempts fail than are acked. */
function isFailing({ failedPerMinute = 0, ackedPerMinute = 0 }: Rates): boolean {
  return failedPerMinute >= FAILURES && failedPerMinute > ackedPerMinute;
}

type Rates = Pick<QueueReport, "failedPerMinute" | "ackedPerMinute">;

/**
 * @param unheardMs how long the oldest task must have waited before nobody counts as listening; 0 in the order of queues, since a
 *   queue without consumers falls asleep and reports no more
 */
export function troublesOf(
  report: Pick<QueueReport, "paused" | "consumers" | "parked" | "stats" | "limitedKeys" | "isOverBudget"> & Rates,
  seen: { readonly lastDeathAt: number | null; readonly isBehind: boolean; readonly isWorkedOn?: boolean },
  now: number,
  unheardMs: number = UNHEARD_MS,
): Trouble[] {
  const { paused, consumers, parked, stats, limitedKeys = 0, isOverBudget = false } = report;
  const isUnheard =
    !paused &&
    !seen.isWorkedOn &&
    stats !== null &&
    stats.ready > 0 &&
    stats.claimed === 0 &&
    consumers === 0 &&
    (stats.oldestReadyAgeMs ?? 0) >= unheardMs;
  const is: Readonly<Record<Trouble, boolean>> = {
    "limited-keys": limitedKeys > 0,
    "parked-messages": parked > 0,
    "falling-behind": !paused && seen.isBehind,
    failing: isFailing(report),
    "nobody-listening": isUnheard,
    deaths: seen.lastDeathAt !== null && now - seen.lastDeathAt < DEATHS_MS,
    "over-budget": isOverBudget,
  };
  return TROUBLES.filter((trouble) => is[trouble]).toReversed();
}

/** The graver, the higher: one grave trouble outweighs all that are less so. 0: none. */
export function weightOf(troubles: readonly Trouble[]): number {
  return troubles.reduce((weight, trouble) => weight + 2 ** TROUBLES.indexOf(trouble), 0);
}
