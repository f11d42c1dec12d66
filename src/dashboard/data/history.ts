// What the page has seen of each queue's counts since it was opened. A server that keeps no history of its own loses nothing by
// this: the samples are those that the page asked for anyway. Also which queues are others' dead-letter queues.

import type { WireQueue } from "../../protocol/wire-queue.ts";

export interface Sample {
  /** ms since 1970. */
  readonly at: number;
  readonly ready: number;
  readonly delayed: number;
  readonly claimed: number;
  readonly dead: number;
}

/** An hour of one sample in two seconds. */
const MOST_SAMPLES = 1_800;
const HOUR_MS = 3_600_000;

const samples = new Map<string, Sample[]>();

export function record({ name: queue, stats, settings }: WireQueue, at: number): void {
  if (settings.deadLetterQueue !== null) deadLetterQueues.add(settings.deadLetterQueue);
  const { ready, delayed, claimed, dead } = stats;
  const known = samples.get(queue) ?? [];
  samples.set(queue, known);
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
