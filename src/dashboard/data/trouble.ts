// What is wrong with a queue, worst first, in a sentence each. The overview is sorted by it.

import type { WireQueue } from "../../protocol/wire-queue.ts";
import { isDeadLetterQueue, type Sample } from "./history.ts";
import type { OverviewQueue } from "./overview-queue.ts";
import { count, span } from "../parts/words.ts";

/** 3 needs somebody now, 2 soon, 1 is worth knowing. */
export type Level = 1 | 2 | 3;

export interface Trouble {
  readonly level: Level;
  readonly text: string;
}

/** A consumer that polls leaves a ready task alone for about this long. ms. */
const UNHEARD_MS = 30_000;
/** A backlog this old is late for most purposes. ms. */
const LATE_MS = 5 * 60_000;

/** What is looked at of a queue. */
interface Watched {
  readonly name: string;
  readonly stats: Pick<WireQueue["stats"], "ready" | "delayed" | "claimed" | "dead" | "oldestReadyAgeMs" | "outbox"> &
    Partial<Pick<WireQueue["stats"], "budgetReached">>;
  readonly settings: Pick<WireQueue["settings"], "paused" | "maxInFlight" | "maxBacklog">;
}

/** Of a queue as it last reported. */
export function reportedTroubles({ name, report }: OverviewQueue, history: readonly Sample[]): readonly Trouble[] {
  if (report === null) return [];
  const { stats, trouble, consumers, parked, limitedKeys, paused, maxInFlight, maxBacklog } = report;
  const troubles: Trouble[] = [];
  if (trouble.includes("deaths")) troubles.push({ level: 3, text: "Tasks have died in the last 10 minutes" });
  if (trouble.includes("over-budget")) troubles.push({ level: 3, text: "Its budget is used up" });
  if (parked > 0) troubles.push({ level: 2, text: `${count(parked, "message")} to other queues refused too often` });
  if (stats !== null) {
    // Whoever waits for tasks is there too.
    const watched = { ...stats, claimed: stats.claimed + consumers, outbox: 0 };
    troubles.push(...troublesOf({ name, stats: watched, settings: { paused, maxInFlight, maxBacklog } }, history));
  }
  if (trouble.includes("falling-behind")) {
    troubles.push({
      level: 2,
      text: `Falling behind: the oldest task has waited ${span(stats?.oldestReadyAgeMs ?? 0)}`,
    });
  }
  if (limitedKeys !== null && limitedKeys > 0) {
    troubles.push({ level: 1, text: `${count(limitedKeys, "key")} at their limit` });
  }
  return troubles.sort((a, b) => b.level - a.level);
}

/** @param history what the page has seen of its counts, oldest first */
export function troublesOf({ name, stats, settings }: Watched, history: readonly Sample[]): readonly Trouble[] {
  const troubles: Trouble[] = [];
  const add = (level: Level, text: string): void => void troubles.push({ level, text });
  const died = stats.dead - (history[0]?.dead ?? stats.dead);
  const ageMs = stats.oldestReadyAgeMs ?? 0;
  if (died > 0) add(3, `${count(died, "task")} died since you opened this page`);
  else if (stats.dead > 0) add(2, `${count(stats.dead, "dead task")} to look at`);
  if (settings.paused) {
    if (stats.ready > 0) add(2, `Paused with ${count(stats.ready, "task")} ready`);
    else add(1, "Paused");
  } else if (isDeadLetterQueue(name)) {
    // Nobody is meant to claim from it: what it holds waits for a person.
    if (stats.ready > 0) add(2, `${count(stats.ready, "dead letter")} to look at`);
  } else if (stats.ready > 0 && stats.claimed === 0 && ageMs > UNHEARD_MS) {
    add(3, `Nobody is claiming: the oldest task has waited ${span(ageMs)}`);
  } else if (ageMs > LATE_MS) {
    add(2, `Behind: the oldest task has waited ${span(ageMs)}`);
  }
  if (stats.claimed >= settings.maxInFlight) add(2, `At its limit of ${count(settings.maxInFlight, "claimed task")}`);
  if (settings.maxBacklog !== null && stats.ready + stats.delayed >= settings.maxBacklog) {
    add(3, `Full: it takes no more than ${count(settings.maxBacklog, "task")}`);
  }
  const { budgetReached = null } = stats;
  if (budgetReached !== null) {
    const of = budgetReached.by === "rowsPerHour" ? "rows an hour" : "dollars a day";
    add(
      3,
      `Its budget of ${of} is used up until ${new Date(budgetReached.until).toISOString()}: ${budgetReached.onReach}`,
    );
  }
  if (stats.outbox > 0) add(1, `${count(stats.outbox, "message")} on the way to other queues`);
  return troubles.sort((a, b) => b.level - a.level);
}

/** The more, the nearer to the top of the overview. */
export function weightOf(troubles: readonly Trouble[]): number {
  return troubles[0]?.level ?? 0;
}
