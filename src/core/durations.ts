// Durations as reports and metrics give them: few buckets, each four times as long as the one before, and the sum.

import { leastOf, type Histogram } from "./histogram.ts";

/** Buckets of a histogram that are one here. */
const FINE_PER_COARSE = 8;
/** The last is for all that is longer. */
const COARSE = 14;

/** Bounds that the durations of each bucket but the last are below. ms: 8, 32, 128, up to 37 hours. */
export const DURATION_BOUNDS: readonly number[] = Array.from({ length: COARSE - 1 }, (_, at) =>
  leastOf(FINE_PER_COARSE * (at + 1)),
);

/** By the name of the histogram and the bucket, "wait 3"; "wait ms" is the sum, taking each for the middle of its fine bucket. */
export function durationsOf(histograms: Readonly<Record<string, Histogram>>): Record<string, number> {
  const found: Record<string, number> = {};
  const add = (name: string, count: number): void => void (found[name] = (found[name] ?? 0) + count);
  for (const [name, histogram] of Object.entries(histograms)) {
    for (const [bucket, times] of histogram.pairs()) {
      add(`${name} ${Math.min(COARSE - 1, Math.floor(bucket / FINE_PER_COARSE))}`, times);
      add(`${name} ms`, Math.round((times * (leastOf(bucket) + leastOf(bucket + 1) - 1)) / 2));
    }
  }
  return found;
}

/** How many there were in each bucket, of one histogram. */
export function bucketsIn(durations: Readonly<Record<string, number>>, name: string): number[] {
  return Array.from({ length: COARSE }, (_, at) => durations[`${name} ${at}`] ?? 0);
}

/** ms. */
export function sumIn(durations: Readonly<Record<string, number>>, name: string): number {
  return durations[`${name} ms`] ?? 0;
}
