// Samples of each queue's counts since the page was opened, for lines the size of a word and for what grows: the samples
// are those that the page asked for anyway. Also which queues are others' dead-letter queues.

import type { WireLaneStats } from "../../protocol/wire-queue.ts";

export interface Sample extends WireLaneStats {
  /** ms since 1970. */
  readonly at: number;
}

/** An hour of one sample in two seconds. */
const MOST_SAMPLES = 1_800;
const HOUR_MS = 3_600_000;

const samples = new Map<string, Sample[]>();

/** A sample that is no later than the last is one that was seen already. */
export function record(
  queue: string,
  deadLetterQueue: string | null,
  { ready, delayed, claimed, dead }: WireLaneStats,
  at: number,
): void {
  if (deadLetterQueue !== null) deadLetterQueues.add(deadLetterQueue);
  const known = samples.get(queue) ?? [];
  samples.set(queue, known);
  if (at <= (known.at(-1)?.at ?? 0)) return;
  known.push({ at, ready, delayed, claimed, dead });
  const first = known.findIndex((sample) => sample.at > at - HOUR_MS);
  known.splice(0, Math.max(first, known.length - MOST_SAMPLES));
}

const deadLetterQueues = new Set<string>();

/** Another queue that was looked at sends its dead tasks here. */
export function isDeadLetterQueue(queue: string): boolean {
  return deadLetterQueues.has(queue);
}

/** Oldest first; the array is the page's own and grows in place. */
export function historyOf(queue: string): readonly Sample[] {
  return samples.get(queue) ?? [];
}
