// A queue as it travels in JSON: its settings, each with its unit, default and range, here and nowhere else, and its counts.

export interface WireBackoff {
  /** Delay before the second attempt. ms, default 1,000, 0 to 12 h. */
  readonly minMs: number;
  /** The delay never grows past this. ms, default 3,600,000, `minMs` to 12 h. */
  readonly maxMs: number;
  /** Each further attempt waits this many times longer. Default 2, 1 to 10. */
  readonly factor: number;
  /** Share of the delay that is random, so that tasks which failed together do not return together. Default 0.2, 0 to 1. */
  readonly jitter: number;
}

export interface WireSettings {
  /** How long a claim lasts unless the claim says otherwise. ms, default 30,000, 0 to 12 h. */
  readonly claimTimeoutMs: number;
  /** Attempts before a task is dead. Default 5, 1 to 1,000; null: no limit. */
  readonly maxAttempts: number | null;
  /** Delay after a failure that names none. */
  readonly backoff: WireBackoff;
  /** Queue that receives dead tasks; null: they stay in this queue, dead. */
  readonly deadLetterQueue: string | null;
  /** How long a task is kept that nobody finishes, counted from the instant it became visible, or died. ms, default 14 days; null: forever. */
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
  readonly keys: WireKeySettings;
  /** Attempts of the whole queue. Default null: any number. */
  readonly rate: WireRate | null;
  /** What it takes from all of its callers together. Default: nothing is limited. */
  readonly limits: WireQueueLimits;
  /** What it may use, and what follows. Default: anything. */
  readonly budget: WireBudget;
}

/** null: only the bounds that hold for every queue. Rates let a second's worth through at once. */
export interface WireQueueLimits {
  /** Requests by HTTP, sockets and bindings. 1 to 1,000,000 a second. */
  readonly requestsPerSecond: number | null;
  /** Tasks enqueued, or inserted by modify. 1 to 1,000,000 a second. */
  readonly tasksPerSecond: number | null;
  /** Rows written, whatever for, as the platform bills them. Counted when they have been written. 1 to 1,000,000 a second. */
  readonly rowsPerSecond: number | null;
  /** Claims that wait at one time. 0 to 10,000. */
  readonly parkedClaims: number | null;
  /** Sockets open at one time. 0 to 32,768. */
  readonly sockets: number | null;
}

export interface WireRate {
  /** How many attempts a period allows, in the long run. */
  readonly limit: number;
  readonly periodMs: number;
  /** How many may happen at once after a rest. Over any `t` ms at most `burst + limit * t / periodMs` do. */
  readonly burst: number;
}

export interface WireKeySettings {
  /**
   * `fifo`: while a task of a key is claimed or waits for its retry, no later one of its lane and priority is offered.
   * `strict`: a dead one blocks its key too. Default "none".
   */
  readonly order: "none" | "fifo" | "strict";
  /** Unexpired claims of one key. Default null: any number; 1 to 10,000. With an order: null or 1. */
  readonly concurrency: number | null;
  /** Attempts of one key. Default null: any number. */
  readonly rate: WireRate | null;
  /**
   * `robin`: keys take turns, task by task. `share`: by how long their tasks are claimed. `none`: first come, first served.
   * Default "robin".
   */
  readonly fairness: "none" | "robin" | "share";
}

export interface WireBudget {
  /** Rows written in an hour of the clock, alarms that are set among them. 1 to 1e12; default null: any number. */
  readonly rowsPerHour: number | null;
  /** Dollars in a day (UTC), by the prices that `getCost` answers with. 0.01 to 1,000,000; default null: any sum. */
  readonly usdPerDay: number | null;
  /**
   * What follows until the hour or the day ends. Default `warn`: a line in the log, and stats say so. `slow`: one call a second
   * that adds tasks, and one claim. `stop-enqueue`: none that adds. `stop`: no claim either, and no work of the alarm. What ends or
   * keeps a claim is never refused, nor is a look, nor a change of settings.
   */
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

export interface WireBudgetReached {
  readonly by: "rowsPerHour" | "usdPerDay";
  readonly onReach: WireBudget["onReach"];
  /** When the hour or the day ends. */
  readonly until: number;
}

export interface WireStats extends WireLaneStats {
  /**
   * How long the task that is offered next has been ready. ms; null: none is ready, or only tasks of keys for which no claim has
   * looked since the queue woke.
   */
  readonly oldestReadyAgeMs: number | null;
  /** Size of the object's database. */
  readonly bytes: number;
  /** Messages to other queues and to the directory that have not arrived yet. */
  readonly outbox: number;
  /** null: it has not used up its budget, or has none. */
  readonly budgetReached: WireBudgetReached | null;
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
