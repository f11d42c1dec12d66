// Does one thing to all tasks that match a search, a bounded number of them in one call. Each task is matched and changed in the
// same turn, so nothing is done to one that no longer matches. Pages are commits of their own: all of them together are not one.

import { LIMITS } from "../../core/limits.ts";
import type { ApplyInput } from "../../core/operation.ts";
import { searchedState } from "../../core/search.ts";
import { instantOf, keyOf } from "../../core/sequence.ts";
import type { TaskState } from "../../core/task.ts";
import { endSomeExpired, release } from "../claims/end-attempt.ts";
import { Search, type Match } from "../search/search.ts";
import type { QueueState } from "../state.ts";
import { takeOut } from "../tasks/take-out.ts";
import { visibleAtOf } from "../tasks/task-view.ts";
import { writeHead } from "../tasks/write-head.ts";
import { LATER } from "../turn.ts";
import { changedHead } from "./change-task.ts";
import { hasDiedBy, redriver } from "./redrive.ts";
import type { OnQueue } from "./run.ts";

/** The only state whose tasks an action is for. */
const ONLY: { readonly [Name in ApplyInput["action"]]?: TaskState } = { retry: "delayed", release: "claimed" };

type Done = "done" | "left" | "no-room";

export const apply: OnQueue<"apply"> = (state, input, now, queue) => {
  if (state.scans.isUsedUp) return LATER;
  endSomeExpired(state, queue, now);
  const startedAt = input.startedAt ?? now;
  const asOf = input.asOf ?? startedAt;
  const scope: Scope = { asOf, startedAt, until: startedAt + input.delayMs };
  const walk = new Search(state, input, now, searchedState(input.terms) ?? ONLY[input.action]);
  const act = actOf(state, input, scope, now);
  let tasks = 0;
  let left = 0;
  let bytes = 0;
  // What is done moves rows, so it is done when the walk has ended.
  const found: Match[] = [];
  for (const match of walk.matches()) {
    if (!isIn(match, input.action, scope, now)) continue;
    if (!isFor(match, input)) left += 1;
    else found.push(match);
    bytes += match.task.bytes;
    if (!input.dryRun && (found.length >= input.limit || bytes >= LIMITS.turnRewrittenBytes)) break;
  }
  let { after } = walk;
  for (const match of found) {
    const done = input.dryRun ? "done" : act(match);
    if (done === "no-room" && tasks === 0) {
      return { kind: "queue-full", what: "messages", limit: LIMITS.outboxMessages };
    }
    if (done === "no-room") {
      after = match.before;
      break;
    }
    if (done === "done") tasks += 1;
    else left += 1;
  }
  return { kind: "applied", tasks, left, lookedAt: walk.lookedAt, asOf, startedAt, after };
};

interface Scope {
  readonly asOf: number;
  readonly startedAt: number;
  /** Of a snooze. */
  readonly until: number;
}

/** Whether a task belongs to it, and has not been through it: what is put elsewhere may be come to again. */
function isIn(
  { task, head }: Match,
  action: ApplyInput["action"],
  { asOf, startedAt, until }: Scope,
  now: number,
): boolean {
  if (instantOf(keyOf(task.seq)) > asOf) return false;
  if (action === "snooze") return visibleAtOf(head) < until;
  return action !== "redrive" || hasDiedBy(head, startedAt, now);
}

function isFor({ state, head }: Match, { action, force }: ApplyInput): boolean {
  switch (action) {
    case "retry":
      return state === "delayed";
    case "snooze":
      return state === "ready" || state === "delayed";
    case "cancel":
      return force || state !== "claimed";
    case "release":
      return state === "claimed";
    case "redrive":
      return state === "dead" || (state !== "claimed" && head.origin !== null);
    default:
      return action satisfies never;
  }
}

function actOf(state: QueueState, { action }: ApplyInput, { until }: Scope, now: number): (match: Match) => Done {
  const redrive = redriver(state, now);
  const visibleFrom = (visibleAt: number, { head, task: { inRun, bytes } }: Match): Done => {
    const found = { ...head, inRun, bytes };
    writeHead(state, found, { ...changedHead(head, { visibleAt }, now), inRun }, null);
    return "done";
  };
  switch (action) {
    case "retry":
      return (match) => visibleFrom(now, match);
    case "snooze":
      return (match) => visibleFrom(until, match);
    case "cancel":
      return ({ head, task: { inRun, bytes } }) => {
        const hasId = head.taskId !== null && head.origin === null;
        takeOut(state, [{ ...head, inRun, bytes, hasId }], now, "cancelled");
        return "done";
      };
    case "release":
      return ({ head }) => {
        const claim = state.claims.get(head.seq);
        if (claim === undefined) return "left";
        release(state, claim, now);
        return "done";
      };
    case "redrive":
      return ({ head, task: { bytes } }) => {
        const done = redrive({ ...head, bytes });
        return done === "redriven" ? "done" : done;
      };
    default:
      return action satisfies never;
  }
}
