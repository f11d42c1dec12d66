// Tasks as lines for a person: where each stands, since when, and what it holds.

import type { BrowsedTask, WireTaskState } from "../client/index.ts";
import { shownDuration } from "./duration.ts";
import { shownLine, shownPayload } from "./payload.ts";
import { titledTable } from "./table.ts";
import type { Style, Terminal } from "./terminal.ts";

export const TASK_STATES: Readonly<Record<WireTaskState, Style>> = {
  ready: "green",
  delayed: "cyan",
  claimed: "yellow",
  dead: "red",
};

export function shownTasks(terminal: Terminal, tasks: readonly BrowsedTask[]): string {
  if (tasks.length === 0) return "No tasks.";
  const now = Date.now();
  return titledTable(
    terminal,
    ["ID", "STATE", "LANE", "ATTEMPTS", "WHEN", "PAYLOAD"],
    tasks.map((task) => [
      task.id,
      terminal.paint(TASK_STATES[task.state], task.state),
      task.lane,
      String(task.attempts),
      whenOf(task, now),
      whatOf(task),
    ]),
  );
}

/** What it holds, and why it last failed; of a dead letter that has not failed here, why it died and where. */
function whatOf(task: BrowsedTask): string {
  const { error, origin } = task;
  const why = error ?? (origin === null ? null : `from ${origin.queue}: ${origin.error ?? "no error was given"}`);
  return why === null ? shownPayload(task, 50) : `${shownPayload(task, 30)} (${shownLine(why, 60)})`;
}

function whenOf(task: BrowsedTask, now: number): string {
  switch (task.state) {
    case "ready":
      return `since ${shownDuration(Math.max(0, now - task.visibleAt))}${heldBack(task, now)}`;
    case "delayed":
      return `in ${shownDuration(Math.max(0, task.visibleAt - now))}${task.limited === undefined ? "" : ", slowed"}`;
    case "claimed":
      return `${heldSince(task, now)}${shownDuration(Math.max(0, (task.claimedUntil ?? now) - now))} left${claimantOf(task)}`;
    case "dead":
      return `since ${shownDuration(Math.max(0, now - (task.diedAt ?? now)))}`;
    default:
      return task.state satisfies never;
  }
}

/** What its queue or its key is held back by, if it is. */
function heldBack({ limited }: BrowsedTask, now: number): string {
  if (limited === undefined) return "";
  const { by, of, until } = limited;
  const end = until === null ? "" : ` for ${shownDuration(Math.max(0, until - now))}`;
  return `, held back by its ${of}: ${by}${end}`;
}

/** A claim that is extended again and again is never far from its end: how long it has been held shows a handler that hangs. */
function heldSince({ claimedAt }: BrowsedTask, now: number): string {
  return claimedAt === undefined ? "" : `since ${shownDuration(Math.max(0, now - claimedAt))}, `;
}

function claimantOf({ claimant }: BrowsedTask): string {
  return claimant === null ? "" : ` by ${shownLine(claimant, 40)}`;
}
