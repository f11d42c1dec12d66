// Ends claims without success: the task is offered again after a delay, with or without the attempt counted, or dead.

import { LIMITS } from "../../core/limits.ts";
import type { ItemResult, NackItem } from "../../core/operation.ts";
import { taskKeyOf } from "../../core/stored-lane.ts";
import { lost } from "./ack.ts";
import { foreignClaim } from "./foreign-claim.ts";
import { endAttempt, release, snooze } from "../claims/end-attempt.ts";
import { heldClaim } from "../claims/held-claim.ts";
import type { QueueState } from "../state.ts";
import { LATER } from "../turn.ts";
import type { OnClaims } from "./run.ts";

export const nack: OnClaims<"nack"> = (state, input, now) => {
  const refusal = foreignClaim(
    state,
    input.claims.map((item) => item.claim),
  );
  if (refusal !== null) return refusal;
  const queue = state.existing();
  const one = (item: NackItem): ItemResult => {
    const claim = heldClaim(state, item.claim, now);
    if (claim === undefined || queue === null) return lost(state, item.claim);
    const visibleAt = item.delayMs === undefined ? null : now + item.delayMs;
    if (item.release === true) release(state, claim, now);
    else if (item.limitKey === true) {
      const until = visibleAt ?? now;
      restKey(state, claim.lane, until, now);
      snooze(state, queue, claim, until, now);
    } else if (item.snooze === true) snooze(state, queue, claim, visibleAt ?? now, now);
    else {
      endAttempt(
        state,
        queue,
        claim,
        { kind: "failed", error: item.error ?? null, visibleAt, dead: item.dead === true },
        now,
      );
    }
    return { ok: true };
  };
  const results = state.divided.resultsOf(input.claims);
  const before = state.scans.rewrittenBytes;
  for (const item of input.claims.slice(results.length)) {
    // Each of the payloads may be one of the largest, and is written anew: too much for one turn. What was given back stays so.
    if (state.scans.rewrittenBytes - before >= LIMITS.turnRewrittenBytes) {
      state.divided.goesOn(input.claims, results);
      return LATER;
    }
    results.push(one(item));
  }
  return { kind: "nacked", results };
};

/** What the key belongs to asked for a pause: none of its tasks is offered before. */
function restKey(state: QueueState, lane: string, until: number, now: number): void {
  const key = taskKeyOf(lane);
  if (key === null) return;
  const row = state.keys.row(key);
  state.keys.put({ ...row, restsUntil: Math.max(row.restsUntil, until) }, now);
  state.housekeeping.dueAt(until);
}
