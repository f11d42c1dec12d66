// The cost of the queue, in billed units and in dollars. Reads what was counted: one row after a wake, else none.

import { dollarsOf } from "../../core/prices.ts";
import type { CostPart, CostSpan } from "../../core/queue-cost.ts";
import { DAY_MS, dayOf, HOUR_MS, hourOf, monthOf } from "../budget/meter.ts";
import type { Tally, Used } from "../budget/tally.ts";
import type { OnQueue } from "./run.ts";

/** A forecast from less would be one from next to nothing. */
const LEAST_ELAPSED_MS = 60_000;

export const getCost: OnQueue<"getCost"> = (state, _input, now, queue) => {
  const meter = state.history.meterOf(queue, now);
  const hour = spanOf(meter.hour, hourOf(now), hourOf(now) + HOUR_MS);
  const day = spanOf(meter.day(), dayOf(now), dayOf(now) + DAY_MS);
  const month = spanOf(meter.month(), monthOf(now), monthOf(now, 1));
  const rest = (of: CostSpan): number => {
    const elapsedMs = Math.max(LEAST_ELAPSED_MS, now - Math.max(of.from, queue.createdAt));
    return rounded(month.usd + (of.usd / elapsedMs) * (month.to - now));
  };
  return { kind: "cost", cost: { hour, day, month, forecast: { likeThisMonth: rest(month), likeToday: rest(day) } } };
};

function spanOf(tally: Tally, from: number, to: number): CostSpan {
  const usage = tally.total();
  const parts = tally.entries().map(([name, used]) => partOf(name, used));
  return { from, to, ...usage, usd: rounded(dollarsOf(usage)), parts: parts.sort((a, b) => b.usd - a.usd) };
}

function partOf(name: string, { calls, requests, rowsRead, rowsWritten }: Readonly<Used>): CostPart {
  const messages = name === "socket" ? calls : 0;
  const usd = rounded(dollarsOf({ rowsWritten, rowsRead, requests, messages, awakeMs: 0 }));
  return { name, calls, requests, rowsRead, rowsWritten, usd };
}

/** To a billionth of a dollar: a row read. */
function rounded(usd: number): number {
  return Math.round(usd * 1e9) / 1e9;
}
