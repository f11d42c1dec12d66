// How many tasks a claim would find, without claiming: reads about as many as it is asked to count, and moves no cursor.

import { DEFAULT_LANE } from "../core/limits.ts";
import { instantOf } from "../core/sequence.ts";
import type { Candidate } from "../store/task-statements.ts";
import type { Level } from "./levels.ts";
import type { QueueState } from "./state.ts";

export interface Ready {
  /** At most the limit that was asked for. */
  readonly count: number;
  /** Since when the oldest of them has been ready; null: there is none. */
  readonly oldestAt: number | null;
}

export function countReady(state: QueueState, lanes: readonly string[], limit: number, now: number): Ready {
  const levels = lanes.flatMap((lane) => state.levels.of(lane));
  const since = levels.flatMap((level) => [...plainOf(state, level, limit), ...indexedOf(state, level, limit, now)]);
  if (since.length === 0) return { count: 0, oldestAt: null };
  return { count: Math.min(limit, since.length), oldestAt: Math.min(...since) };
}

function plainOf(state: QueueState, { lane, priority }: Level, limit: number): number[] {
  if (lane !== DEFAULT_LANE || priority !== 0 || state.readTo >= state.plainTo) return [];
  const read = (last: Candidate | undefined): Candidate[] => state.tasks.plainAfter(last?.seq ?? state.readTo, limit);
  return unclaimed(state, limit, read).map((task) => instantOf(task.seq));
}

function indexedOf(state: QueueState, level: Level, limit: number, now: number): number[] {
  if (level.nextAt > now) return [];
  const { lane, priority, afterAt, afterSeq } = level;
  const read = (last: Candidate | undefined): Candidate[] =>
    state.tasks.indexedAfter(lane, priority, last?.visibleAt ?? afterAt, last?.seq ?? afterSeq, now, limit);
  return unclaimed(state, limit, read).map((task) => task.visibleAt ?? now);
}

/** The first page as a rule; claimed tasks, which lie behind a cursor only after a wake, are passed. */
function unclaimed(
  state: QueueState,
  limit: number,
  read: (last: Candidate | undefined) => Candidate[],
): readonly Candidate[] {
  const found: Candidate[] = [];
  let last: Candidate | undefined;
  while (found.length < limit) {
    const page = read(last);
    found.push(...page.filter((task) => state.claims.get(task.seq) === undefined));
    last = page.at(-1);
    if (page.length < limit) break;
  }
  return found;
}
