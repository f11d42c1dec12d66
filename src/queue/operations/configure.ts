// Changes a queue's settings; creates the queue if it is not there.

import type { OutcomeOf } from "../../core/operation.ts";
import { DEFAULT_SETTINGS, withPatch, type SettingsPatch } from "../../core/settings.ts";
import { queueView } from "./get-queue.ts";
import type { QueueState } from "../state.ts";

export function configure(
  state: QueueState,
  input: { readonly settings: SettingsPatch },
  now: number,
  name: string,
): OutcomeOf<"configure"> {
  const settings = withPatch(state.existing()?.settings ?? DEFAULT_SETTINGS, input.settings);
  const { minMs, maxMs } = settings.backoff;
  if (maxMs < minMs) {
    return { kind: "invalid", field: "backoff.maxMs", given: maxMs, allowed: `backoff.minMs (${minMs}) or more` };
  }
  if (settings.deadLetterQueue === name) {
    return { kind: "invalid", field: "deadLetterQueue", given: name, allowed: "the name of another queue, or null" };
  }
  const queue = { ...state.created(name, now), settings };
  state.put(queue);
  if (settings.retentionMs !== null) state.dueAt(now, now);
  return queueView(state, queue, now);
}
