// Reports how a queue is to the directory, so that an overview wakes nobody. A report is made in a turn that the queue has anyway,
// every few seconds at most, in the long run, and only when something has changed; no timer and no row of its own pays for it. It is
// sent once and may be lost: each report says all that there is, so the next one mends it.

import type { ReportedStats, QueueReport } from "../core/queue-report.ts";
import { durationsOf } from "../core/durations.ts";
import { budgetReached } from "./budget/budget-reached.ts";
import type { History } from "./history/history.ts";
import type { QueueState } from "./state.ts";
import { countedOf } from "./stats.ts";

/** Between two looks at whether there is something to report, in the long run. ms. */
const INTERVAL_MS = 5_000;
/** Looks that may follow at once when something happens to tasks after a while of rest: what ends in a few turns is reported whole. */
const SAVED = 6;
/** Rows that a report has counted at most, after a wake: a queue that wakes every few seconds for one task pays for it each time. */
const COUNTED_ROWS = 1_000;

export class Reports {
  readonly #life: string;
  readonly #send: (report: QueueReport) => Promise<boolean>;
  /** What the totals of reports come from. */
  readonly history: History;
  #number = 0;
  #lookedAt = Number.NEGATIVE_INFINITY;
  /** The instant up to which looks have been used up. */
  #spentTo = Number.NEGATIVE_INFINITY;
  /** Something happened while a report was under way. */
  #isMissed = false;
  /** It is time for a report, which is made in the next turn: tasks must be counted for it, and nobody's answer waits for that. */
  #isPutOff = false;
  /** The last report that arrived, without its number. */
  #lastArrived = "";
  #next: Omit<QueueReport, "life" | "number" | "totals"> | null = null;
  #isUnderWay = false;
  #consumers = 0;

  /**
   * @param life unlike that of every other instance of this queue
   * @param send reports to the directory; false or rejected: the report may not have arrived
   */
  constructor(life: string, send: (report: QueueReport) => Promise<boolean>, history: History) {
    this.history = history;
    this.#life = life;
    this.#send = send;
  }

  /** At the end of a turn, in its commit. @param consumers those who stand in line */
  look(state: QueueState, consumers: number, now: number): void {
    this.history.look(state, now);
    // A poll that has just ended is followed by the next: who stood in line before the turn counts as well.
    const inLine = Math.max(consumers, this.#consumers);
    this.#consumers = consumers;
    const queue = state.existing();
    if (queue === null || !(this.#isPutOff || this.#isTime(!state.turnEvents.isEmpty, now))) return;
    this.#isPutOff = !this.#isPutOff && !state.counts.isComplete;
    if (this.#isPutOff) return;
    this.#next = {
      createdAt: queue.createdAt,
      paused: queue.settings.paused,
      maxInFlight: queue.settings.maxInFlight,
      maxBacklog: queue.settings.maxBacklog,
      consumers: inLine,
      parked: state.outbox.parked,
      limitedKeys: state.levels.rings.parkedKeys,
      deadLetterQueue: queue.settings.deadLetterQueue,
      ...(budgetReached(state, now) === null ? {} : { isOverBudget: true }),
      stats: countedStats(state, now),
    };
  }

  /**
   * After the commit: sends what was found in it. The queue goes on meanwhile.
   *
   * @param again has another turn follow
   */
  committed(state: QueueState, now: number, background: (work: Promise<void>) => void, again: () => void): void {
    this.history.committed(state, now);
    const next = this.#next;
    this.#next = null;
    if (this.#isPutOff) again();
    if (next === null) return;
    const { events: totals, wait, run } = this.history.totals();
    // A backlog that only gets older has not changed: its age is known from the last report.
    const text = JSON.stringify([next, totals], (name, value: unknown) => (name === "oldestReadyAgeMs" ? null : value));
    if (text === this.#lastArrived) return;
    this.#number += 1;
    this.#isUnderWay = true;
    const report = {
      ...next,
      ...this.#rates(now, next.deadLetterQueue !== null),
      totals: { ...totals },
      durations: durationsOf({ wait, run }),
    };
    background(this.#tell({ ...report, life: this.#life, number: this.#number }, text, again));
  }

  rolledBack(): void {
    this.history.rolledBack();
    this.#next = null;
  }

  /** What came to the queue and what left it in the last minute, and how attempts ended. */
  #rates(
    now: number,
    hasDeadLetterQueue: boolean,
  ): Required<Pick<QueueReport, "inPerMinute" | "outPerMinute" | "failedPerMinute" | "ackedPerMinute">> {
    const { events, coveredMs } = this.history.lastMinute(now);
    const perMinute = (count: number): number => Math.round((count * 60_000) / coveredMs);
    return {
      inPerMinute: perMinute(events.enqueued + events.received),
      outPerMinute: perMinute(events.acked + events.cancelled + events.moved + events.removed),
      failedPerMinute: perMinute(
        events.failed + events.expired + events.died + (hasDeadLetterQueue ? events.moved : 0),
      ),
      ackedPerMinute: perMinute(events.acked),
    };
  }

  #isTime(hasHappened: boolean, now: number): boolean {
    const isDue = Math.abs(now - this.#lookedAt) >= INTERVAL_MS;
    const isNews = hasHappened || this.#isMissed;
    if (!isDue && !(isNews && this.#spentTo <= now)) return false;
    if (this.#isUnderWay) {
      this.#isMissed = isNews;
      return false;
    }
    this.#isMissed = false;
    this.#lookedAt = now;
    this.#spentTo = Math.max(this.#spentTo, now - SAVED * INTERVAL_MS) + INTERVAL_MS;
    return true;
  }

  async #tell(report: QueueReport, text: string, again: () => void): Promise<void> {
    try {
      if (await this.#send(report)) this.#lastArrived = text;
    } catch {
      // Lost; the next turn with something to report reports it again.
    } finally {
      this.#isUnderWay = false;
      if (this.#isMissed) again();
    }
  }
}

/** Exact, or null: of a queue that woke with many tasks, and has not been awake for long enough to count them (P12). */
function countedStats(state: QueueState, now: number): ReportedStats | null {
  const { meter } = state.history;
  state.writeTasks();
  meter.charge("enqueue", 0);
  const isCounted = state.isCounted(now, COUNTED_ROWS);
  meter.charge("getQueue", 0);
  if (!isCounted) return null;
  const { ready, delayed, claimed, dead, oldestReadyAgeMs } = countedOf(state, now);
  return { ready, delayed, claimed, dead, oldestReadyAgeMs };
}
