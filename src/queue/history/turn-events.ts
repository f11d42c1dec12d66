// Counts of the facts of the turn under way, until it is committed: a few additions for a fact. A turn that fails drops them,
// since they are part of what is thrown away then.

import { bucketOf } from "../../core/histogram.ts";
import { isStoredIn, laneOf } from "../../core/stored-lane.ts";
import type { TaskEvent } from "../../core/task-event.ts";
import type { FactKind, FactReader, Place } from "../facts.ts";
import type { Sample } from "./sample.ts";

interface Times {
  readonly event: TaskEvent;
  readonly lane: string;
  times: number;
}

export class TurnEvents implements FactReader {
  /** The queue was deleted. */
  isEnded = false;
  /** Those that follow one another in one lane together. */
  readonly #events: Times[] = [];
  /** Buckets of durations. */
  readonly #waits: number[] = [];
  readonly #runs: number[] = [];

  get isEmpty(): boolean {
    return this.#events.length === 0;
  }

  hear(kind: FactKind, before: Place | null, after: Place | null, tookMs: number | null, tasks: number): void {
    if (kind === "changed" || kind === "forgotten" || kind === "released") return;
    const lane = (before ?? after)?.lane ?? "";
    const last = this.#events.at(-1);
    if (last?.event === kind && isStoredIn(last.lane, lane)) last.times += tasks;
    else this.#events.push({ event: kind, lane: laneOf(lane), times: tasks });
    if (tookMs === null) return;
    if (kind === "claimed") this.#waits.push(bucketOf(tookMs));
    else this.#runs.push(bucketOf(tookMs));
  }

  /** What a purge deletes is counted nowhere. */
  cleared(idsToo: boolean): void {
    if (idsToo) this.isEnded = true;
  }

  addTo(sample: Sample): void {
    for (const { event, lane, times } of this.#events) sample.count(event, lane, times);
    for (const bucket of this.#waits) sample.wait.put(bucket);
    for (const bucket of this.#runs) sample.run.put(bucket);
  }

  /** The turn has been committed, and the next begins. */
  clear(): void {
    this.#events.length = 0;
    this.#waits.length = 0;
    this.#runs.length = 0;
    this.isEnded = false;
  }
}
