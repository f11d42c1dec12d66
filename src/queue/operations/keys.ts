// Keys as an owner looks at them and sets something for one of them.

import type { KeyOverride, KeyPatch, KeyReport } from "../../core/key-report.ts";
import type { KeySettings } from "../../core/settings.ts";
import type { InputOf, OutcomeOf, Refusal } from "../../core/operation.ts";
import { keyReport, listKeys as pageOfKeys, setOverride, unblock } from "../keys/key-report.ts";
import type { QueueState } from "../state.ts";
import { LATER } from "../turn.ts";

type Named = { readonly key: string };

export function getKey(state: QueueState, { key }: Named, now: number): OutcomeOf<"getKey"> {
  return state.existing() === null ? { kind: "queue-not-found" } : seen(state, key, now);
}

export function listKeys(
  state: QueueState,
  input: InputOf<"listKeys">,
  now: number,
): OutcomeOf<"listKeys"> | typeof LATER {
  if (state.existing() === null) return { kind: "queue-not-found" };
  return state.scans.isUsedUp ? LATER : { kind: "keys", ...pageOfKeys(state, input, now) };
}

/** Sets what holds for one key instead of the queue's settings, from the next claim on. */
export function setKey(state: QueueState, { key, patch }: InputOf<"setKey">, now: number): OutcomeOf<"setKey"> {
  const queue = state.existing();
  if (queue === null) return { kind: "queue-not-found" };
  const refusal = refusedBeside(queue.settings.keys, patch);
  if (refusal !== null) return refusal;
  setOverride(state, key, patched(state.keys.row(key).override, patch), now);
  return seen(state, key, now);
}

export function resetKey(state: QueueState, { key }: Named, now: number): OutcomeOf<"resetKey"> {
  if (state.existing() === null) return { kind: "queue-not-found" };
  setOverride(state, key, null, now);
  return seen(state, key, now);
}

export function unblockKey(state: QueueState, { key }: Named, now: number): OutcomeOf<"unblockKey"> {
  if (state.existing() === null) return { kind: "queue-not-found" };
  unblock(state, key, now);
  return seen(state, key, now);
}

function seen(state: QueueState, key: string, now: number): { kind: "key"; report: KeyReport } {
  return { kind: "key", report: keyReport(state, key, now) };
}

/** An override that the queue's settings give no meaning to is a mistake: of the queue, or of what is to be set first. */
function refusedBeside({ order, concurrency, rate, fairness }: KeySettings, patch: KeyPatch): Refusal | null {
  const refused = (field: keyof KeyPatch, allowed: string): Refusal | null => {
    const given = patch[field] ?? null;
    return given === null ? null : { kind: "invalid", field, given, allowed };
  };
  const hasLimits = order !== "none" || concurrency !== null || rate !== null;
  const first = "null, until the queue's settings have";
  if (!hasLimits) {
    const limits = `${first} keys.order, keys.concurrency or keys.rate`;
    const refusal = refused("concurrency", limits) ?? refused("rate", limits);
    if (refusal !== null) return refusal;
  }
  if (order !== "none" && (patch.concurrency ?? 1) > 1) return refused("concurrency", "null or 1 with keys.order");
  return fairness === "none" ? refused("weight", `${first} keys.fairness`) : null;
}

/** What is false or null is as the queue says. */
function patched(override: KeyOverride, patch: KeyPatch): KeyOverride {
  const entries = Object.entries({ ...override, ...patch });
  return Object.fromEntries(entries.filter(([, value]) => value !== null && value !== false));
}
