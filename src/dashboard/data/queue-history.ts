// A queue's history from the server, for the range that is chosen.

import type { WireHistory } from "../../protocol/wire-history.ts";
import { call } from "./call.ts";
import { useWatch } from "./watch.ts";
import { useLive, type Live } from "./live.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** How far back, in steps of what length, asked for how often. ms. */
export const RANGES = {
  hour: { spanMs: HOUR_MS, stepMs: 10_000, everyMs: 10_000 },
  day: { spanMs: 24 * HOUR_MS, stepMs: MINUTE_MS, everyMs: MINUTE_MS },
  week: { spanMs: 7 * 24 * HOUR_MS, stepMs: 10 * MINUTE_MS, everyMs: 10 * MINUTE_MS },
} as const;

export type Range = keyof typeof RANGES;

export function rangeOf(text: string | null): Range {
  return text === "day" || text === "week" ? text : "hour";
}

export function useHistory(name: string, range: Range): Live<WireHistory> {
  const { spanMs, stepMs, everyMs } = RANGES[range];
  return useLive(
    `history ${name} ${range}`,
    (abort) => {
      const to = Date.now();
      return call(name, "getHistory", { from: to - spanMs, to, stepMs }, abort);
    },
    everyMs,
    useWatch(name),
  );
}
