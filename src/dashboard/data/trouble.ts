// What is wrong with a queue, worst first, in a sentence each. The overview is sorted by it.

import type { WireQueue } from "../../protocol/wire-queue.ts";
import { isDeadLetterQueue, type Sample } from "./history.ts";
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

/** @param history what the page has seen of its counts, oldest first */
export function troublesOf({ name, stats, settings }: WireQueue, history: readonly Sample[]): readonly Trouble[] {
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
  if (stats.outbox > 0) add(1, `${count(stats.outbox, "message")} on the way to other queues`);
  return troubles.sort((a, b) => b.level - a.level);
}

/** The more, the nearer to the top of the overview. */
export function weightOf(troubles: readonly Trouble[]): number {
  return troubles[0]?.level ?? 0;
}
