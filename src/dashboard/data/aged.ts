// An overview that was answered a while ago, aged to now.

import type { WireOverviewed } from "../../protocol/wire-overview.ts";

/** A queue that has not reported for so long has had no turn in which something happened. ms. */
const RATE_MS = 60_000;

/** The same some time later, if nothing has happened: what waits has waited longer. */
export function aged(queue: WireOverviewed, ms: number): WireOverviewed {
  const { report } = queue;
  if (report === null || ms <= 0) return queue;
  const ageMs = report.ageMs + ms;
  const { inPerMinute, outPerMinute, stats } = report;
  const rates =
    ageMs > RATE_MS && inPerMinute !== null ? { inPerMinute: 0, outPerMinute: 0 } : { inPerMinute, outPerMinute };
  const waitedMs = stats?.oldestReadyAgeMs ?? null;
  const later = stats === null || waitedMs === null ? stats : { ...stats, oldestReadyAgeMs: waitedMs + ms };
  return { ...queue, report: { ...report, ...rates, ageMs, stats: later } };
}
