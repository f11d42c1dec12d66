// The settings of a queue until its owner changes them. Unit, default and range of each setting stand in protocol/wire-queue.ts,
// since settings are kept as they travel.

import type {
  WireBudget,
  WireKeySettings,
  WireQueueLimits,
  WireSettings,
  WireSettingsPatch,
} from "../protocol/wire-queue.ts";
import { LIMITS } from "./limits.ts";

export type {
  WireBackoff as Backoff,
  WireBudget as Budget,
  WireBudgetReached as BudgetReached,
  WireKeySettings as KeySettings,
  WireQueueLimits as QueueLimits,
  WireSettings as Settings,
  WireSettingsPatch as SettingsPatch,
} from "../protocol/wire-queue.ts";

export const DEFAULT_KEY_SETTINGS: WireKeySettings = {
  order: "none",
  concurrency: null,
  rate: null,
  fairness: "robin",
};

/** Those of a token, in api/grant.ts, have the same names. */
export const NO_LIMITS: WireQueueLimits = {
  requestsPerSecond: null,
  tasksPerSecond: null,
  rowsPerSecond: null,
  parkedClaims: null,
  sockets: null,
};

export const NO_BUDGET: WireBudget = { rowsPerHour: null, usdPerDay: null, onReach: "warn" };

export const DEFAULT_SETTINGS: WireSettings = {
  claimTimeoutMs: 30_000,
  maxAttempts: 5,
  backoff: { minMs: 1_000, maxMs: 3_600_000, factor: 2, jitter: 0.2 },
  deadLetterQueue: null,
  retentionMs: 14 * 24 * 3_600_000,
  dedupeMs: 300_000,
  maxBacklog: null,
  maxInFlight: LIMITS.maxInFlight,
  paused: false,
  keys: DEFAULT_KEY_SETTINGS,
  rate: null,
  limits: NO_LIMITS,
  budget: NO_BUDGET,
};

export function withPatch(settings: WireSettings, patch: WireSettingsPatch): WireSettings {
  return {
    ...settings,
    ...patch,
    backoff: { ...settings.backoff, ...patch.backoff },
    keys: { ...settings.keys, ...patch.keys },
    limits: { ...settings.limits, ...patch.limits },
    budget: { ...settings.budget, ...patch.budget },
  };
}
