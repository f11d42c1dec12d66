// Whether a queue has used up its budget. Reckoned from what is counted, each time somebody asks: nothing is kept that could be wrong.

import type { BudgetReached } from "../../core/settings.ts";
import { dollarsOf } from "../../core/prices.ts";
import type { QueueState } from "../state.ts";
import { dayOf, DAY_MS, hourOf, HOUR_MS } from "./meter.ts";

/** The one that lasts longer, if it is both; null: it has not, or has none. */
export function budgetReached(state: QueueState, now: number): BudgetReached | null {
  const queue = state.existing();
  if (queue === null) return null;
  const { rowsPerHour, usdPerDay, onReach } = queue.settings.budget;
  if (rowsPerHour === null && usdPerDay === null) return null;
  const meter = state.history.meterOf(queue, now);
  meter.upTo(now);
  if (usdPerDay !== null && dollarsOf(meter.day().total()) >= usdPerDay) {
    return { by: "usdPerDay", onReach, until: dayOf(now) + DAY_MS };
  }
  if (rowsPerHour !== null && meter.hour.total().rowsWritten >= rowsPerHour) {
    return { by: "rowsPerHour", onReach, until: hourOf(now) + HOUR_MS };
  }
  return null;
}
