// How much a queue may use, and what follows when it has.

export type OnReach = "warn" | "slow" | "stop-enqueue" | "stop";

export interface Budget {
  /** Rows written in an hour of the clock, alarms that are set among them. 1 to 1e12; default null: any number. */
  readonly rowsPerHour: number | null;
  /** Dollars in a day (UTC), by the prices of core/prices.ts. 0.01 to 1,000,000; default null: any sum. */
  readonly usdPerDay: number | null;
  /**
   * What follows until the hour or the day ends. Default `warn`: a line in the log, and stats say so. `slow`: one call a second
   * that adds tasks, and one claim. `stop-enqueue`: none that adds. `stop`: no claim either, and no work of the alarm. What ends or
   * keeps a claim is never refused, nor is a look, nor a change of settings.
   */
  readonly onReach: OnReach;
}

export const NO_BUDGET: Budget = { rowsPerHour: null, usdPerDay: null, onReach: "warn" };

export interface BudgetReached {
  readonly by: "rowsPerHour" | "usdPerDay";
  readonly onReach: OnReach;
  /** When the hour or the day ends. */
  readonly until: number;
}
