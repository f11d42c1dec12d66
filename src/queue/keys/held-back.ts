// Why a task that is ready is not offered: what its queue is set to, what holds its key back, or an earlier one of its key that
// waits for its retry.

import type { Limited, TaskLimited } from "../../core/key-report.ts";
import { taskKeyOf } from "../../core/stored-lane.ts";
import { lapsedClaims, type LapsedClaims } from "../claims/lapsed-claims.ts";
import type { QueueState } from "../state.ts";

interface Place {
  /** As it is stored. */
  readonly lane: string;
  readonly priority: number;
  readonly cost: number | null;
}

/** null: nothing holds it back, and it is offered when its turn comes. */
export type HeldBack = (task: Place) => TaskLimited | null;

/** For one instant and the tasks of one page, which often share a key: each place is looked at once. */
export function heldBackAt(state: QueueState, now: number): HeldBack {
  const settings = state.row?.settings;
  if (settings?.paused === true) return () => ({ by: "paused", of: "queue", until: null });
  let looked: LapsedClaims | undefined;
  const found = new Map<string, TaskLimited | null>();
  const look = (place: Place, cost: number): TaskLimited | null => {
    looked ??= lapsedClaims(state.claims, now);
    const lapsed = looked;
    const key = taskKeyOf(place.lane);
    const ofKey =
      key === null
        ? null
        : (state.keys.limitBeside(lapsed.ofKey(key), key, cost, now) ?? retryBefore(state, place, now));
    if (ofKey !== null) return { by: ofKey.by, of: "key", until: ofKey.until };
    if (settings !== undefined && state.claims.size - lapsed.all >= settings.maxInFlight)
      return { by: "maxInFlight", of: "queue", until: null };
    const at = state.keys.queueAllowsAt(cost);
    return at > now ? { by: "rate", of: "queue", until: at } : null;
  };
  return (place) => {
    const cost = place.cost ?? 1;
    const name = `${cost} ${place.priority} ${place.lane}`;
    const known = found.get(name);
    if (known !== undefined) return known;
    const limited = look(place, cost);
    found.set(name, limited);
    return limited;
  };
}

/** Where keys have an order, a task that waits for its retry is the first of its level. */
export function retryBefore(
  state: QueueState,
  { lane, priority }: Pick<Place, "lane" | "priority">,
  now: number,
): Limited | null {
  if (state.keys.settings.order === "none") return null;
  const retryAt = state.tasks.indexedAfter(lane, priority, 0, 0, now, 1)[0]?.retryAt ?? 0;
  return retryAt > now ? { by: "order", until: retryAt } : null;
}
