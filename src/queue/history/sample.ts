// Events of a queue's tasks in some span of time: how many of each kind, in which lanes, and how long they waited and ran.

import { addEvents, noEvents, TASK_EVENTS, type TaskEvent } from "../../core/task-event.ts";
import { DEFAULT_LANE } from "../../core/limits.ts";
import { BUCKETS, Histogram } from "../../core/histogram.ts";

/** Lanes that a sample counts apart, beside the default lane. */
const LANES = 16;
/** Stands for all lanes that are not counted apart: no lane has this name. */
export const OTHER_LANES = "";

type Events = Record<TaskEvent, number>;

/** A sample as it is stored. An imported one may hold anything: what is not of this form counts as nothing. */
interface Stored {
  /** In the order of `TASK_EVENTS`. */
  readonly events?: unknown;
  readonly lanes?: unknown;
  /** Pairs of a bucket and how often it was seen. */
  readonly wait?: unknown;
  readonly run?: unknown;
  readonly backlog?: unknown;
  readonly dead?: unknown;
}

export class Sample {
  readonly events: Events = noEvents();
  /** Of lanes other than the default. */
  readonly lanes = new Map<string, Events>();
  /** From ready to claimed, and from claimed to acked. */
  readonly wait = new Histogram();
  readonly run = new Histogram();
  /** Tasks that waited, and that were dead, at its end; null: not counted. */
  backlog: number | null = null;
  dead: number | null = null;
  #isEmpty = true;

  get isEmpty(): boolean {
    return this.#isEmpty;
  }

  count(event: TaskEvent, lane: string, times: number): void {
    this.#isEmpty = false;
    this.events[event] += times;
    if (lane !== DEFAULT_LANE) this.#laneEvents(lane)[event] += times;
  }

  /** Adds what happened in a later span. */
  add(later: Sample): void {
    if (later.isEmpty) return;
    this.#isEmpty = false;
    addEvents(this.events, later.events);
    for (const [lane, events] of later.lanes) addEvents(this.#laneEvents(lane), events);
    if (this.lanes.size > 2 * LANES) this.#foldLanes();
    this.wait.add(later.wait);
    this.run.add(later.run);
    this.backlog = later.backlog;
    this.dead = later.dead;
  }

  clear(): void {
    if (this.#isEmpty) return;
    this.#isEmpty = true;
    for (const event of TASK_EVENTS) this.events[event] = 0;
    this.lanes.clear();
    this.wait.clear();
    this.run.clear();
    this.backlog = null;
    this.dead = null;
  }

  /** @param cost what the meter has counted, which stands in the same row */
  toText(cost?: object): string {
    this.#foldLanes();
    const stored: Stored = {
      events: listed(this.events),
      ...(this.lanes.size === 0
        ? {}
        : { lanes: Object.fromEntries(Array.from(this.lanes, ([lane, events]) => [lane, listed(events)])) }),
      ...(this.wait.total === 0 ? {} : { wait: this.wait.pairs() }),
      ...(this.run.total === 0 ? {} : { run: this.run.pairs() }),
      ...(this.backlog === null ? {} : { backlog: this.backlog }),
      ...(this.dead === null ? {} : { dead: this.dead }),
    };
    return JSON.stringify({ ...stored, cost });
  }

  static fromText(text: string): Sample {
    const { events, lanes, wait, run, backlog, dead } = JSON.parse(text) as Stored;
    const sample = new Sample();
    sample.#isEmpty = false;
    readListed(sample.events, events);
    if (typeof lanes === "object" && lanes !== null) {
      for (const [lane, counts] of Object.entries(lanes)) readListed(sample.#laneEvents(lane), counts);
    }
    readPairs(sample.wait, wait);
    readPairs(sample.run, run);
    sample.backlog = isCount(backlog) ? backlog : null;
    sample.dead = isCount(dead) ? dead : null;
    return sample;
  }

  #laneEvents(lane: string): Events {
    const known = this.lanes.get(lane);
    if (known !== undefined) return known;
    const events = noEvents();
    this.lanes.set(lane, events);
    return events;
  }

  /** The lanes in which most happened stay; the rest become one. */
  #foldLanes(): void {
    if (this.lanes.size <= LANES) return;
    const others = this.lanes.get(OTHER_LANES) ?? noEvents();
    this.lanes.delete(OTHER_LANES);
    const byActivity = [...this.lanes].sort(([, a], [, b]) => activityOf(b) - activityOf(a));
    for (const [lane, events] of byActivity.slice(LANES - 1)) {
      addEvents(others, events);
      this.lanes.delete(lane);
    }
    this.lanes.set(OTHER_LANES, others);
  }
}

function listed(events: Events): number[] {
  return TASK_EVENTS.map((event) => events[event]);
}

function readListed(into: Events, counts: unknown): void {
  if (!Array.isArray(counts)) return;
  for (const [at, event] of TASK_EVENTS.entries()) {
    const count: unknown = counts[at];
    if (isCount(count)) into[event] = count;
  }
}

function readPairs(into: Histogram, pairs: unknown): void {
  if (!Array.isArray(pairs)) return;
  for (const pair of pairs as readonly unknown[]) {
    const [bucket, times] = Array.isArray(pair) ? (pair as readonly unknown[]) : [];
    if (isCount(bucket) && bucket < BUCKETS && isCount(times)) into.put(bucket, times);
  }
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

function activityOf(events: Events): number {
  return TASK_EVENTS.reduce((sum, event) => sum + events[event], 0);
}
