// Why a task is not running, in one sentence: the question that an operator opens a task's page with.

import type { WireQueue } from "../../protocol/wire-queue.ts";
import type { WireBrowsedTask, WireTaskState } from "../../protocol/wire-task.ts";
import { clock, count, relative, span } from "../parts/words.ts";

/** @param queue its queue's counts and settings; null: not known yet */
export function whyNotRunning(task: WireBrowsedTask, queue: WireQueue | null, now: number): string {
  return REASONS[task.state](task, now, queue);
}

type Reason = (task: WireBrowsedTask, now: number, queue: WireQueue | null) => string;

const REASONS: Record<WireTaskState, Reason> = {
  ready: whyReady,
  delayed: whyDelayed,
  claimed: whyClaimed,
  dead: whyDead,
};

function whyClaimed({ claimant, claimedUntil }: WireBrowsedTask, now: number): string {
  const until = claimedUntil ?? now;
  return `It is running: ${claimant ?? "a consumer"} holds it until ${clock(until, now)}, ${relative(until, now)}.`;
}

function whyDead({ attempts, diedAt }: WireBrowsedTask, now: number): string {
  const when = diedAt === null ? "" : ` at ${clock(diedAt, now)}`;
  return `It is dead: attempt ${attempts} failed${when} and was its last. Redrive it to offer it again.`;
}

function whyDelayed({ attempts, maxAttempts, visibleAt }: WireBrowsedTask, now: number): string {
  const when = `${clock(visibleAt, now)}, ${relative(visibleAt, now)}`;
  if (attempts === 0) return `It is scheduled for ${when}.`;
  const of = maxAttempts === null ? "" : ` of ${maxAttempts}`;
  return `Attempt ${attempts}${of} failed; the next one may start at ${when}.`;
}

function whyReady(task: WireBrowsedTask, now: number, queue: WireQueue | null): string {
  const waited = span(Math.max(0, now - task.visibleAt));
  if (task.origin !== null) {
    return `It died in ${task.origin.queue} and waits here for somebody to look at it. Redrive it to offer it there again.`;
  }
  if (queue === null) return `It is ready and has waited ${waited}.`;
  const { settings, stats } = queue;
  if (settings.paused) return `The queue is paused. Resume it, and the task is offered at once.`;
  if (stats.claimed >= settings.maxInFlight) {
    return `The queue is at its limit: ${count(stats.claimed, "task")} of ${settings.maxInFlight} are claimed. It is offered when one ends.`;
  }
  const others = stats.ready - 1;
  if (stats.claimed === 0) {
    return `It is ready and has waited ${waited}, but no consumer holds a claim on this queue: probably nobody is listening.`;
  }
  return others <= 0
    ? `It is ready and has waited ${waited}; the next claim takes it.`
    : `It is ready and has waited ${waited}, one of ${count(stats.ready, "ready task")}; consumers hold ${stats.claimed} now.`;
}
