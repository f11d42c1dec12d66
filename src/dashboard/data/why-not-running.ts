// Why a task is not running, in one sentence: the question that an operator opens a task's page with.

import type { WireQueue } from "../../protocol/wire-queue.ts";
import type { WireBrowsedTask, WireTaskLimited, WireTaskState } from "../../protocol/wire-task.ts";
import { clock, count, instant, span } from "../parts/words.ts";

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
  return `It is running: ${claimant ?? "a consumer"} holds it until ${instant(until, now)}.`;
}

function whyDead({ attempts, diedAt }: WireBrowsedTask, now: number): string {
  const when = diedAt === null ? "" : ` at ${clock(diedAt, now)}`;
  return `It is dead: attempt ${attempts} failed${when} and was its last. Redrive it to offer it again.`;
}

function whyDelayed(task: WireBrowsedTask, now: number, queue: WireQueue | null): string {
  if (task.limited !== undefined) return HELD_BACK[task.limited.by](task, task.limited, now, queue);
  const { attempts, maxAttempts, visibleAt } = task;
  const when = instant(visibleAt, now);
  if (attempts === 0) return `It is scheduled for ${when}.`;
  const of = maxAttempts === null ? "" : ` of ${maxAttempts}`;
  return `Attempt ${attempts}${of} failed; the next one may start at ${when}.`;
}

function whyReady(task: WireBrowsedTask, now: number, queue: WireQueue | null): string {
  const waited = span(Math.max(0, now - task.visibleAt));
  if (task.origin !== null) {
    return `It died in ${task.origin.queue} and waits here for somebody to look at it. Redrive it to offer it there again.`;
  }
  if (task.limited !== undefined) return HELD_BACK[task.limited.by](task, task.limited, now, queue);
  if (queue === null) return `It is ready and has waited ${waited}.`;
  const { stats } = queue;
  const others = stats.ready - 1;
  if (stats.claimed === 0) {
    return `It is ready and has waited ${waited}, but no consumer holds a claim on this queue: probably nobody is listening.`;
  }
  return others <= 0
    ? `It is ready and has waited ${waited}; the next claim takes it.`
    : `It is ready and has waited ${waited}, one of ${count(stats.ready, "ready task")}; consumers hold ${stats.claimed} now.`;
}

type HeldBack = (task: WireBrowsedTask, limited: WireTaskLimited, now: number, queue: WireQueue | null) => string;

const HELD_BACK: Record<WireTaskLimited["by"], HeldBack> = {
  returns: ({ attempts }, { until }, now) =>
    `It is claimed and given back again and again, ${count(attempts, "attempt")} so far, and so it is slowed. It is offered at ${instant(until, now)}.`,
  paused: ({ key }, { of }) =>
    of === "queue"
      ? "The queue is paused. Resume it, and the task is offered at once."
      : `Its key ${key} is paused. It is offered when that is set otherwise.`,
  maxInFlight: (_task, _limited, _now, queue) => {
    const claimed =
      queue === null ? "" : `: ${count(queue.stats.claimed, "task")} of ${queue.settings.maxInFlight} are claimed`;
    return `The queue is at its limit${claimed}. It is offered when one ends.`;
  },
  rate: ({ key }, { of, until }, now) =>
    `${of === "queue" ? "The queue" : `Its key ${key}`} has used up its rate. It may be offered from ${instant(until, now)}.`,
  limitKey: ({ key }, { until }, now) => `A consumer asked for a rest of its key ${key} until ${instant(until, now)}.`,
  concurrency: ({ key }) => `As many tasks of its key ${key} are claimed as may be. It is offered when one ends.`,
  order: ({ key }, { until }, now) =>
    until === null
      ? `An earlier task of its key ${key} is claimed. It is offered when that one ends.`
      : `An earlier task of its key ${key} failed and is tried again at ${instant(until, now)}. This one comes after it.`,
  blocked: ({ key }) =>
    `Its key ${key} is blocked by a dead task. Redrive or cancel that one, or unblock the key, and this one is offered.`,
};
