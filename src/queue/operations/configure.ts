// Changes a queue's settings; creates the queue if it is not there.

import type { OutcomeOf } from "../../core/operation.ts";
import { DEFAULT_SETTINGS, withPatch, type SettingsPatch } from "../../core/settings.ts";
import { queueView } from "./get-queue.ts";
import { createdQueue } from "../created-queue.ts";
import { scheduleHousekeeping } from "../housekeeping.ts";
import type { QueueState } from "../state.ts";
import { LATER } from "../turn.ts";

export function configure(
  state: QueueState,
  input: { readonly settings: SettingsPatch },
  now: number,
  name: string,
): OutcomeOf<"configure"> | typeof LATER {
  const settings = withPatch(state.existing()?.settings ?? DEFAULT_SETTINGS, input.settings);
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
  state.levels.rings.lookAgainAtAll();
  // Another retention may be over sooner, or never.
  scheduleHousekeeping(state);
  return queueView(state, queue, now);
}
