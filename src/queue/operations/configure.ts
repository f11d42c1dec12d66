// Changes a queue's settings; creates the queue if it is not there.

import { DEFAULT_SETTINGS, withPatch } from "../../core/settings.ts";
import { getQueue } from "./get-queue.ts";
import { rewriteCharges } from "../claims/claim-rows.ts";
import { createdQueue } from "../created-queue.ts";
import { scheduleHousekeeping } from "../housekeeping.ts";
import { LATER } from "../turn.ts";
import type { ByName } from "./run.ts";

export const configure: ByName<"configure"> = (state, input, now, name) => {
  const before = state.existing()?.settings ?? DEFAULT_SETTINGS;
  const settings = withPatch(before, input.settings);
  const { minMs, maxMs } = settings.backoff;
  if (maxMs < minMs) {
    return { kind: "invalid", field: "backoff.maxMs", given: maxMs, allowed: `backoff.minMs (${minMs}) or more` };
  }
  if (settings.deadLetterQueue === name) {
    return { kind: "invalid", field: "deadLetterQueue", given: name, allowed: "the name of another queue, or null" };
  }
  // Before anything is written, since the whole is done again in the next turn.
  if (!state.isCounted(now)) return LATER;
  const { order, concurrency } = settings.keys;
  if (order !== "none" && concurrency !== null && concurrency > 1) {
    return { kind: "invalid", field: "keys.concurrency", given: concurrency, allowed: "null or 1 with keys.order" };
  }
  const queue = { ...createdQueue(state, name, now), settings };
  state.put(queue);
  if (state.keys.configured(before, settings, now)) rewriteCharges(state, now);
  state.levels.rings.lookAgainAtAll();
  // Another retention may be over sooner, or never.
  scheduleHousekeeping(state);
  return getQueue(state, null, now, queue);
};
