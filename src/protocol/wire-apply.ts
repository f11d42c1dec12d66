// An action on all tasks that match a search, as it travels in JSON.

export interface WireApply {
  /** As for a search. */
  readonly query: string;
  /**
   * - `retry`: delayed tasks are offered at once
   * - `snooze`: ready and delayed tasks are not offered before an instant
   * - `cancel`: tasks that are not claimed are removed; with `force` claimed ones too
   * - `release`: claims are taken away from their holders
   * - `redrive`: dead tasks are offered again, dead letters where they died
   */
  readonly action: "retry" | "snooze" | "cancel" | "release" | "redrive";
  /** Of `snooze`: ms, 0 to 366 days, from the first call on. */
  readonly delayMs?: number;
  /** Of `cancel`: claimed tasks too. Default false. */
  readonly force?: boolean;
  /** True: the tasks are counted, and nothing is done. Default false. */
  readonly dryRun?: boolean;
  /** Only tasks that were enqueued by then, ms since 1970; absent: now. */
  readonly asOf?: number;
  /** How many one call changes at most. 1 to 1,000, the default. */
  readonly limit?: number;
  readonly cursor?: string;
}

export interface WireApplied {
  /** On how many it was done, or would be. */
  readonly tasks: number;
  /** How many match, and were left: the action is not for what they are, or there was no room. */
  readonly left: number;
  readonly lookedAt: number;
  /** For the calls after a dry run, so that they are about the same tasks. */
  readonly asOf: number;
  /** Where to go on; null: everything was looked at. */
  readonly cursor: string | null;
}
