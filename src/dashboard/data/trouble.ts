// Troubles of a queue, worst first, in a sentence each. The overview is sorted by it.

import type { WireOverviewed } from "../../protocol/wire-overview.ts";
import type { WireQueue } from "../../protocol/wire-queue.ts";
import { isDeadLetterQueue, type Sample } from "./history.ts";
import { count, number, span } from "../parts/words.ts";

/** 3 needs somebody now, 2 soon, 1 is worth knowing. */
export type Level = 1 | 2 | 3;

export interface Trouble {
  readonly level: Level;
  readonly text: string;
  /** The page of the queue where it is seen in full, or something can be done about it; null: the queue's own. */
  readonly where: Where | null;
}

export type Where = "dead" | "consumers" | "settings" | "outbox" | "keys" | "failures";

/** A consumer that polls leaves a ready task alone for about this long. ms. */
const UNHEARD_MS = 30_000;
/** A backlog this old is late for most purposes. ms. */
const LATE_MS = 5 * 60_000;

/** Fewer failures a minute are no news, whatever their share. The server's own threshold for its order. */
const FAILURES = 10;

/** null: not more attempts fail than are acked. */
export function failing(failed: number, acked: number): Trouble | null {
  if (failed < FAILURES || failed <= acked) return null;
  const text = `Most attempts fail: ${number(failed)} failed and ${number(acked)} acked in a minute`;
  return { level: 3, text, where: "failures" };
}

/** What is looked at of a queue. */
interface Watched {
  readonly name: string;
  readonly stats: Pick<WireQueue["stats"], "ready" | "delayed" | "claimed" | "dead" | "oldestReadyAgeMs" | "outbox"> &
    Partial<Pick<WireQueue["stats"], "budgetReached">>;
  readonly settings: Pick<WireQueue["settings"], "paused" | "maxInFlight" | "maxBacklog">;
  /** Attempts ended in the last minute, so somebody claims, even if no task is claimed at this instant. */
  readonly isWorkedOn?: boolean;
}

/** Of a queue as it last reported. */
export function reportedTroubles({ name, report }: WireOverviewed, history: readonly Sample[]): readonly Trouble[] {
  if (report === null) return [];
  const { stats, trouble, consumers, parked, limitedKeys, paused, maxInFlight, maxBacklog } = report;
  const troubles: Trouble[] = [];
  const add = (level: Level, text: string, where: Where | null): void => void troubles.push({ level, text, where });
  if (trouble.includes("deaths")) add(3, "Tasks have died in the last 10 minutes", "dead");
  if (trouble.includes("over-budget")) add(3, "Its budget is used up", "settings");
  const { failedPerMinute, ackedPerMinute } = report;
  const isFailing = failing(failedPerMinute ?? 0, ackedPerMinute ?? 0);
  if (isFailing !== null) troubles.push(isFailing);
  if (parked > 0) add(2, `${count(parked, "message")} to other queues refused too often`, "outbox");
  if (stats !== null) {
    // Whoever waits for tasks is there too.
    const watched = { ...stats, claimed: stats.claimed + consumers, outbox: 0 };
    const isWorkedOn = report.ageMs < UNHEARD_MS && (failedPerMinute ?? 0) + (ackedPerMinute ?? 0) > 0;
    const settings = { paused, maxInFlight, maxBacklog };
    troubles.push(...troublesOf({ name, stats: watched, settings, isWorkedOn }, history));
  }
  if (trouble.includes("falling-behind")) {
    add(2, `Falling behind: the oldest task has waited ${span(stats?.oldestReadyAgeMs ?? 0)}`, "consumers");
  }
  if (limitedKeys !== null && limitedKeys > 0) {
    add(1, `${count(limitedKeys, "key")} at ${limitedKeys === 1 ? "its limit" : "their limits"}`, "keys");
  }
  return troubles.sort((a, b) => b.level - a.level);
}

/** @param history what the page has seen of its counts, oldest first */
export function troublesOf(
  { name, stats, settings, isWorkedOn = false }: Watched,
  history: readonly Sample[],
): readonly Trouble[] {
  const troubles: Trouble[] = [];
  const add = (level: Level, text: string, where: Where | null): void => void troubles.push({ level, text, where });
  const died = stats.dead - (history[0]?.dead ?? stats.dead);
  const ageMs = stats.oldestReadyAgeMs ?? 0;
  if (died > 0) add(3, `${count(died, "task")} died since you opened this page`, "dead");
  else if (stats.dead > 0) add(2, `${count(stats.dead, "dead task")} to look at`, "dead");
  if (settings.paused) {
    if (stats.ready > 0) add(2, `Paused with ${count(stats.ready, "task")} ready`, null);
    else add(1, "Paused", null);
  } else if (isDeadLetterQueue(name)) {
    // Nobody is meant to claim from it: what it holds waits for a person.
    if (stats.ready > 0) add(2, `${count(stats.ready, "dead letter")} to look at`, "dead");
  } else if (stats.ready > 0 && stats.claimed === 0 && !isWorkedOn && ageMs > UNHEARD_MS) {
    add(3, `Nobody is claiming: the oldest task has waited ${span(ageMs)}`, "consumers");
  } else if (ageMs > LATE_MS) {
    add(2, `Behind: the oldest task has waited ${span(ageMs)}`, "consumers");
  }
  if (stats.claimed >= settings.maxInFlight)
    add(2, `At its limit of ${count(settings.maxInFlight, "claimed task")}`, "consumers");
  if (settings.maxBacklog !== null && stats.ready + stats.delayed >= settings.maxBacklog) {
    add(3, `Full: it takes no more than ${count(settings.maxBacklog, "task")}`, "settings");
  }
  const { budgetReached = null } = stats;
  if (budgetReached !== null) {
    const of = budgetReached.by === "rowsPerHour" ? "rows an hour" : "dollars a day";
    add(
      3,
      `Its budget of ${of} is used up until ${new Date(budgetReached.until).toISOString()}: ${budgetReached.onReach}`,
      "settings",
    );
  }
  if (stats.outbox > 0) add(1, `${count(stats.outbox, "message")} on the way to other queues`, "outbox");
  return troubles.sort((a, b) => b.level - a.level);
}

/** The more, the nearer to the top of the overview. */
export function weightOf(troubles: readonly Trouble[]): number {
  return troubles[0]?.level ?? 0;
}
