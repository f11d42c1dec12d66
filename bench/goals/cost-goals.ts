// The goals of cost: rows written for a task, alarms included.
import type { ProfileCost } from "../cost/run-cost.ts";
import type { Goal } from "./goal.ts";

export function costGoals(costs: readonly ProfileCost[]): Goal[] {
  return costs.flatMap(({ profile, rowsPerTask, bill }) => {
    if (profile.rowsGoal === null) return [];
    // The goals are of tasks alone; what the time of a day brings beside them is in the table of counts.
    const reached = (bill.rowsWritten - bill.timedRows) / bill.tasks;
    const figures = `${reached.toFixed(3)} rows a task, ${rowsPerTask.toFixed(3)} with alarms and what time brings`;
    return [{ what: `rows, ${profile.name}`, beside: "", figures, reached, wanted: { atMost: profile.rowsGoal } }];
  });
}
