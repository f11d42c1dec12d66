// What a queue's owner may set: each with its unit, default and range, here and nowhere else.

import { NO_BUDGET, type Budget } from "./budget.ts";
import { DEFAULT_KEY_SETTINGS, type KeySettings } from "./key-settings.ts";
import { LIMITS } from "./limits.ts";
import { NO_LIMITS, type QueueLimits } from "./queue-limits.ts";
import type { Rate } from "./rate.ts";

export interface Backoff {
  /** Delay before the second attempt. ms, default 1,000, 0 to 12 h. */
  readonly minMs: number;
  /** The delay never grows past this. ms, default 3,600,000, `minMs` to 12 h. */
  readonly maxMs: number;
  /** Each further attempt waits this many times longer. Default 2, 1 to 10. */
  readonly factor: number;
  /** Share of the delay that is random, so that tasks which failed together do not return together. Default 0.2, 0 to 1. */
  readonly jitter: number;
}

export interface Settings {
  /** How long a claim lasts unless the claim says otherwise. ms, default 30,000, 0 to 12 h. */
  readonly claimTimeoutMs: number;
  /** Attempts before a task is dead. Default 5, 1 to 1,000; null: no limit. */
  readonly maxAttempts: number | null;
  /** Delay after a failure that names none. */
  readonly backoff: Backoff;
  /** Queue that receives dead tasks; null: they stay in this queue, dead. */
  readonly deadLetterQueue: string | null;
  /** How long a task is kept that nobody finishes, counted from the instant it became visible, or died. ms, default 14 days; null: for ever. */
  readonly retentionMs: number | null;
  /** How long a finished task's own id still counts as a duplicate. ms, default 300,000, 0 to 7 days. */
  readonly dedupeMs: number;
  /** Tasks the queue holds before it refuses more. Default null: only the storage limits it. */
  readonly maxBacklog: number | null;
  /** Claimed tasks at one time. Default and most 120,000. */
  readonly maxInFlight: number;
  /** While true nothing is offered; enqueue, ack and nack work. */
  readonly paused: boolean;
  /** What holds for each key. */
  readonly keys: KeySettings;
  /** Attempts of the whole queue. Default null: any number. */
  readonly rate: Rate | null;
  /** What it takes from all of its callers together. Default: nothing is limited. */
  readonly limits: QueueLimits;
  /** What it may use, and what follows. Default: anything. */
  readonly budget: Budget;
}

export const DEFAULT_SETTINGS: Settings = {
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

/** A change of settings: what is absent stays as it is. */
export type SettingsPatch = {
  readonly [Name in keyof Settings]?: Name extends "backoff"
    ? Partial<Backoff>
    : Name extends "keys"
      ? Partial<KeySettings>
      : Name extends "limits"
        ? Partial<QueueLimits>
        : Name extends "budget"
          ? Partial<Budget>
          : Settings[Name];
};

export function withPatch(settings: Settings, patch: SettingsPatch): Settings {
  return {
    ...settings,
    ...patch,
    backoff: { ...settings.backoff, ...patch.backoff },
    keys: { ...settings.keys, ...patch.keys },
    limits: { ...settings.limits, ...patch.limits },
    budget: { ...settings.budget, ...patch.budget },
  };
}
