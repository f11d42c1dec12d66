// A minute of a queue's history as a data point for Workers Analytics Engine, where the owner has bound a data set. See
// docs/monitor.md for what each field is: their places are their names there, so new ones only come after the last.

import { TASK_EVENTS } from "../core/task-event.ts";
import type { ClosedMinute, Durations } from "../core/queue-history.ts";

/** Of the platform's AnalyticsEngineDataset. */
export interface AnalyticsDataset {
  writeDataPoint(point: { indexes: string[]; blobs: string[]; doubles: number[] }): void;
}

/** A double cannot be null. */
const NOT_COUNTED = -1;

/** The platform never answers, and bills a point. What it throws is for the log: no task depends on it. */
export function writeMinute(
  dataset: AnalyticsDataset,
  queue: string,
  minute: ClosedMinute,
  report: (what: string, error: unknown) => void,
): void {
  const { at, events, backlog, dead, wait, run } = minute;
  try {
    dataset.writeDataPoint({
      indexes: [queue],
      blobs: [queue, new Date(at).toISOString()],
      doubles: [
        ...TASK_EVENTS.map((event) => events[event]),
        backlog ?? NOT_COUNTED,
        dead ?? NOT_COUNTED,
        ...durations(wait),
        ...durations(run),
      ],
    });
  } catch (error) {
    report("the data point of a minute was not written", error);
  }
}

function durations({ times, p50, p95 }: Durations): number[] {
  return [times, p50 ?? NOT_COUNTED, p95 ?? NOT_COUNTED];
}
