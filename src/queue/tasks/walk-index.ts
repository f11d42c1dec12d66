// Walks over the ready index, lane by lane and priority by priority, in the order in which tasks become visible.

import type { BrowsePlace } from "../../core/operation.ts";
import { INDEXED_FROM, keyOf } from "../../core/sequence.ts";
import { laneOf, taskKeyOf } from "../../core/stored-lane.ts";
import { LIVE } from "../../store/task-row.ts";
import type { Level } from "../ready/level.ts";
import type { QueueState } from "../state.ts";
import { inWindows, type Step, type Wanted } from "./walk-step.ts";

type Part = Pick<Level, "lane" | "priority">;

interface Bounds {
  readonly afterAt: number;
  readonly afterKey: number;
  readonly toAt: number;
}

export function* walkIndex(
  state: QueueState,
  wanted: Wanted,
  from: BrowsePlace | undefined,
  now: number,
): Generator<Step> {
  let start = from;
  let part: Part | undefined =
    from?.lane === undefined
      ? state.tasks.levelAfter(wanted.lane ?? "", Number.MIN_SAFE_INTEGER)
      : { lane: from.lane, priority: from.priority ?? 0 };
  while (part !== undefined && (wanted.lane === undefined || laneOf(part.lane) === wanted.lane)) {
    const { lane, priority } = part;
    const begun = { in: "index", lane, priority, at: start?.at ?? 0, key: start?.key ?? 0 } as const;
    // The probes that found it count as a row.
    yield { task: null, place: begun };
    yield* walkPart(state, part, boundsOf(state, wanted, begun, now));
    start = undefined;
    part = state.tasks.levelAfter(lane, priority);
  }
}

function* walkPart(state: QueueState, { lane, priority }: Part, bounds: Bounds): Generator<Step> {
  let { afterAt, afterKey } = bounds;
  const rows = inWindows((size) => state.tasks.indexedAfter(lane, priority, afterAt, afterKey, bounds.toAt, size));
  for (const row of rows) {
    afterAt = row.visibleAt ?? afterAt;
    afterKey = keyOf(row.seq);
    const place = { in: "index", lane, priority, at: afterAt, key: afterKey } as const;
    yield { task: { ...row, lane, state: LIVE, inRun: null }, place };
  }
}

/** What of a part can hold tasks that are wanted, after a place. */
function boundsOf(
  state: QueueState,
  wanted: Wanted,
  { lane, priority, at, key }: Part & { readonly at: number; readonly key: number },
  now: number,
): Bounds {
  const toAt = wanted.state === "ready" ? now : Number.MAX_SAFE_INTEGER;
  const first = firstOf(state, wanted, { lane, priority }, now);
  const isAhead = first.afterAt > at || (first.afterAt === at && first.afterKey > key);
  return isAhead ? { ...first, toAt } : { afterAt: at, afterKey: key, toAt };
}

function firstOf(state: QueueState, wanted: Wanted, part: Part, now: number): Pick<Level, "afterAt" | "afterKey"> {
  if (wanted.state === "ready") return state.levels.standing(part);
  // A task of a key may wait for its retry in its old place.
  if (wanted.state === "delayed" && taskKeyOf(part.lane) === null) return { afterAt: now, afterKey: INDEXED_FROM - 1 };
  return { afterAt: 0, afterKey: 0 };
}
