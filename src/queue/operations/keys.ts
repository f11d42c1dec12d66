// Keys as an owner looks at them and sets something for one of them.

import type { KeyOverride, KeyPatch } from "../../core/key-report.ts";
import type { KeySettings } from "../../core/settings.ts";
import type { Refusal } from "../../core/operation.ts";
import { keyReport, listKeys as pageOfKeys, setOverride, unblock } from "../keys/key-report.ts";
import { LATER } from "../turn.ts";
import type { OnQueue } from "./run.ts";

export const getKey: OnQueue<"getKey"> = (state, { key }, now) => ({
  kind: "key",
  report: keyReport(state, key, now),
});

export const listKeys: OnQueue<"listKeys"> = (state, input, now) =>
  state.scans.isUsedUp ? LATER : { kind: "keys", ...pageOfKeys(state, input, now) };

/** Sets what holds for one key instead of the queue's settings, from the next claim on. */
export const setKey: OnQueue<"setKey"> = (state, { key, patch }, now, queue) => {
  const refusal = refusedBeside(queue.settings.keys, patch);
  if (refusal !== null) return refusal;
  setOverride(state, key, patched(state.keys.row(key).override, patch), now);
  return getKey(state, { key }, now, queue);
};

export const resetKey: OnQueue<"resetKey"> = (state, { key }, now, queue) => {
  setOverride(state, key, null, now);
  return getKey(state, { key }, now, queue);
};

export const unblockKey: OnQueue<"unblockKey"> = (state, { key }, now, queue) => {
  unblock(state, key, now);
  return getKey(state, { key }, now, queue);
};

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
