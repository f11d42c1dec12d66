// A queue as it travels in JSON: its settings and its counts.

export interface WireBackoff {
  readonly minMs: number;
  readonly maxMs: number;
  readonly factor: number;
  readonly jitter: number;
}

/** Units, defaults and ranges: docs of the settings, and `core/settings.ts`. */
export interface WireSettings {
  readonly claimTimeoutMs: number;
  readonly maxAttempts: number | null;
  readonly backoff: WireBackoff;
  readonly deadLetterQueue: string | null;
  readonly retentionMs: number | null;
  readonly dedupeMs: number;
  readonly maxBacklog: number | null;
  readonly maxInFlight: number;
  readonly paused: boolean;
  readonly keys: WireKeySettings;
  readonly rate: WireRate | null;
  readonly limits: WireQueueLimits;
  readonly budget: WireBudget;
}

/** What a queue takes from all of its callers together; null: only what holds for every queue. */
export interface WireQueueLimits {
  readonly requestsPerSecond: number | null;
  readonly tasksPerSecond: number | null;
  readonly rowsPerSecond: number | null;
  readonly parkedClaims: number | null;
  readonly sockets: number | null;
}

/** At most `burst + limit * t / periodMs` attempts in any `t` ms. */
export interface WireRate {
  readonly limit: number;
  readonly periodMs: number;
  readonly burst: number;
}

/** What holds for each key of a queue. */
export interface WireKeySettings {
  readonly order: "none" | "fifo" | "strict";
  readonly concurrency: number | null;
  readonly rate: WireRate | null;
  readonly fairness: "none" | "robin" | "share";
}

export interface WireBudget {
  /** Rows written in an hour of the clock. */
  readonly rowsPerHour: number | null;
  /** Dollars in a day (UTC). */
  readonly usdPerDay: number | null;
  readonly onReach: "warn" | "slow" | "stop-enqueue" | "stop";
}

/** A change of settings: what is absent stays as it is. */
export type WireSettingsPatch = {
  readonly [Name in keyof WireSettings]?: Name extends "backoff"
    ? Partial<WireBackoff>
    : Name extends "keys"
      ? Partial<WireKeySettings>
      : Name extends "limits"
        ? Partial<WireQueueLimits>
        : Name extends "budget"
          ? Partial<WireBudget>
          : WireSettings[Name];
};

export interface WireLaneStats {
  readonly ready: number;
  readonly delayed: number;
  readonly claimed: number;
  readonly dead: number;
}

export interface WireStats extends WireLaneStats {
  /** ms; null: none is ready, or only tasks of keys for which no claim has looked since the queue woke. */
  readonly oldestReadyAgeMs: number | null;
  readonly bytes: number;
  readonly outbox: number;
  /** null: the queue has not used up its budget, or has none. */
  readonly budgetReached: {
    readonly by: "rowsPerHour" | "usdPerDay";
    readonly onReach: WireBudget["onReach"];
    readonly until: number;
  } | null;
  /** How long its alarm is made to wait, since it rings without progress; 0: it is not. ms */
  readonly alarmSlowedMs: number;
  /** A task that was slowed within the last minute, since it is claimed and given back without end; null: none. */
  readonly slowedTask: string | null;
  readonly lanes: Readonly<Record<string, WireLaneStats>>;
}

export interface WireQueue {
  readonly name: string;
  readonly createdAt: number;
  readonly settings: WireSettings;
  readonly stats: WireStats;
}
