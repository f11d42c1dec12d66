// The history of the queue's tasks between two instants, in steps of equal length.

import type { Histogram } from "../../core/histogram.ts";
import { DEFAULT_LANE, LIMITS } from "../../core/limits.ts";
import type { Refusal } from "../../core/operation.ts";
import type { HistoryPoint, HistoryView, Quantiles } from "../../core/queue-history.ts";
import { TASK_EVENTS } from "../../core/task-event.ts";
import { thousands } from "../../core/thousands.ts";
import { MINUTE_MS, type Span } from "../history/history.ts";
import { OTHER_LANES, Sample } from "../history/sample.ts";
import { LATER } from "../turn.ts";
import type { OnQueue } from "./run.ts";

const HOUR_MS = 60 * MINUTE_MS;

export const getHistory: OnQueue<"getHistory"> = (state, input, now) => {
  // What happens at this very instant is counted too.
  const { to = now + 1, stepMs } = input;
  const { from = to - HOUR_MS } = input;
  const refusal = refusalOf(from, to, stepMs);
  if (refusal !== null) return refusal;
  if (state.scans.isUsedUp) return LATER;
  const spans = state.history.spans(from, to, stepMs < MINUTE_MS, now);
  state.scans.looked(spans.length);
  const whole = new Sample();
  for (const { sample } of spans) whole.add(sample);
  return {
    kind: "history",
    history: {
      from,
      to,
      stepMs,
      points: steps(spans, stepMs).map(pointOf),
      total: happened(whole),
      lanes: lanesOf(whole),
    },
  };
};

function refusalOf(from: number, to: number, stepMs: number): Refusal | null {
  if (from >= to) return { kind: "invalid", field: "from", given: from, allowed: `an instant before to, ${to}` };
  if (Math.floor((to - from) / stepMs) <= LIMITS.historyPoints) return null;
  const leastMs = Math.ceil((to - from - MINUTE_MS) / LIMITS.historyPoints / MINUTE_MS) * MINUTE_MS;
  const allowed = `at least ${thousands(leastMs)} ms for so long a time (${thousands(LIMITS.historyPoints)} steps)`;
  return { kind: "invalid", field: "stepMs", given: stepMs, allowed };
}

/** Spans of one step together. One that is longer than a step stays as it is. */
function steps(spans: readonly Span[], stepMs: number): Span[] {
  const found = new Map<number, Span>();
  for (const span of spans) {
    const ms = Math.max(stepMs, span.ms);
    const at = span.at - (span.at % ms);
    const step = found.get(at) ?? { at, ms, sample: new Sample() };
    step.sample.add(span.sample);
    found.set(at, step);
  }
  return [...found.values()];
}

function pointOf({ at, ms, sample }: Span): HistoryPoint {
  return { at, ms, ...happened(sample), backlog: sample.backlog, dead: sample.dead };
}

function happened({ events, wait, run }: Sample): HistoryView["total"] {
  return { events, waitMs: quantilesOf(wait), runMs: quantilesOf(run) };
}

function quantilesOf(durations: Histogram): Quantiles | null {
  const p50 = durations.quantile(0.5);
  const p95 = durations.quantile(0.95);
  return p50 === null || p95 === null ? null : { p50, p95 };
}

/** The default lane first, the rest by their names. What happened in it is what happened in no other. */
function lanesOf({ events, lanes }: Sample): HistoryView["lanes"] {
  const own = { ...events };
  for (const others of lanes.values()) for (const event of TASK_EVENTS) own[event] -= others[event];
  const named = [...lanes].filter(([lane]) => lane !== OTHER_LANES).sort(([a], [b]) => (a < b ? -1 : 1));
  const rest = lanes.get(OTHER_LANES);
  return [
    { lane: DEFAULT_LANE, events: own },
    ...named.map(([lane, counts]) => ({ lane, events: counts })),
    ...(rest === undefined ? [] : [{ lane: null, events: rest }]),
  ];
}
