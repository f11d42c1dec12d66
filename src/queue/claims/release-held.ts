// Gives back what a socket held when it closed, for consumers that asked for this: the tasks are offered again at once, and the
// attempt is not counted.

import { release } from "./end-attempt.ts";
import type { QueueState } from "../state.ts";

/** Releases at most `limit` claims of the holder, and what a turn may write anew; true: it holds more. */
export function releaseHeld(state: QueueState, holder: string, now: number, limit: number): boolean {
  const held = state.claims.holders.heldBy(holder);
  for (const claim of [...held].slice(0, limit)) {
    if (state.scans.isRewritten) break;
    release(state, claim, now);
  }
  return held.size > 0;
}
