// Events of tasks that are counted, by the names under which history, overview and metrics show it.

import type { WireEvents } from "../protocol/wire-history.ts";

export const TASK_EVENTS = [
  "enqueued",
  "received",
  "claimed",
  "acked",
  "cancelled",
  "moved",
  "removed",
  "failed",
  "expired",
  "snoozed",
  "died",
  "redriven",
] as const satisfies readonly TaskEvent[];

export type TaskEvent = keyof WireEvents;

export type { WireEvents as EventCounts } from "../protocol/wire-history.ts";

/** Nothing has happened yet. */
export function noEvents(): Record<TaskEvent, number> {
  return {
    enqueued: 0,
    received: 0,
    claimed: 0,
    acked: 0,
    cancelled: 0,
    moved: 0,
    removed: 0,
    failed: 0,
    expired: 0,
    snoozed: 0,
    died: 0,
    redriven: 0,
  };
}

export function addEvents(to: Record<TaskEvent, number>, more: WireEvents): void {
  for (const event of TASK_EVENTS) to[event] += more[event];
}
