// GET /metrics: the overview as Prometheus text. A scrape asks the directory alone, so that it wakes no queue. The names of queues
// are the only labels that users choose: as many queues are shown as are asked for, and how many more there are is not hidden.

import { metrics } from "../../api/endpoints.ts";
import { bucketsIn, DURATION_BOUNDS, sumIn } from "../../core/durations.ts";
import type { OverviewPage, ReportedQueue } from "../../core/queue-report.ts";
import { overviewByName } from "../../object/queue-stub.ts";
import { readQuery } from "../read-query.ts";
import { respondHeld } from "../respond-held.ts";
import { routeOf, type Route } from "../route.ts";

/** `suffix` is what a histogram's series have after the name of the family. */
type Sample = readonly [labels: string, value: number, suffix?: string];

type Report = NonNullable<ReportedQueue["report"]>;

interface Family {
  readonly name: string;
  readonly type: "gauge" | "counter" | "histogram";
  readonly help: string;
  readonly samples: (queue: string, report: Report) => readonly Sample[];
}

const FAMILIES: readonly Family[] = [
  {
    name: "edgeq_queue_tasks",
    type: "gauge",
    help: "Tasks by state. Absent for a queue that has not counted all of its tasks since it woke.",
    samples: (queue, { stats }) =>
      stats === null
        ? []
        : (["ready", "delayed", "claimed", "dead"] as const).map((state) => [
            `${queue},state="${state}"`,
            stats[state],
          ]),
  },
  gauge(
    "edgeq_queue_oldest_ready_age_seconds",
    "How long the oldest ready task has waited. Absent when none is ready.",
    ({ stats }) => secondsIn(stats?.oldestReadyAgeMs ?? null),
  ),
  gauge("edgeq_queue_paused", "1 while the queue is paused.", ({ paused }) => (paused ? 1 : 0)),
  gauge("edgeq_queue_consumers", "Consumers that stood in line for tasks.", ({ consumers }) => consumers),
  gauge("edgeq_queue_parked_messages", "Outbox messages that are parked.", ({ parked }) => parked),
  gauge("edgeq_queue_report_age_seconds", "How old the queue's report is.", ({ ageMs }) => secondsIn(ageMs)),
  {
    name: "edgeq_queue_task_events_total",
    type: "counter",
    help: "Tasks by what happened to them.",
    samples: (queue, { totals }) => Object.entries(totals).map(([event, n]) => [`${queue},event="${event}"`, n]),
  },
  gauge(
    "edgeq_queue_limited_keys",
    "Keys with ready tasks that wait for another task of theirs to end.",
    ({ limitedKeys }) => limitedKeys,
  ),
  gauge(
    "edgeq_queue_last_death_timestamp_seconds",
    "When the last death was reported, here or on the way to a dead-letter queue. Absent when none has died.",
    ({ lastDeathAt }) => secondsIn(lastDeathAt),
  ),
  histogram("edgeq_queue_wait_seconds", "wait", "From ready to claimed; the sum is estimated."),
  histogram("edgeq_queue_run_seconds", "run", "From claimed to acked; the sum is estimated."),
];

/** @param valueOf null: the queue has none */
function gauge(name: string, help: string, valueOf: (report: Report) => number | null): Family {
  const samples: Family["samples"] = (queue, report) => {
    const value = valueOf(report);
    return value === null ? [] : [[queue, value]];
  };
  return { name, type: "gauge", help, samples };
}

function secondsIn(ms: number | null): number | null {
  return ms === null ? null : ms / 1_000;
}

function histogram(name: string, of: string, help: string): Family {
  return {
    name,
    type: "histogram",
    help,
    samples: (queue, { durations }) => {
      const buckets = bucketsIn(durations, of);
      const total = buckets.reduce((sum, times) => sum + times, 0);
      if (total === 0) return [];
      let upTo = 0;
      const series = DURATION_BOUNDS.map((boundMs, at): Sample => {
        upTo += buckets[at] ?? 0;
        return [`${queue},le="${boundMs / 1_000}"`, upTo, "_bucket"];
      });
      return [
        ...series,
        [`${queue},le="+Inf"`, total, "_bucket"],
        [queue, sumIn(durations, of) / 1_000, "_sum"],
        [queue, total, "_count"],
      ];
    },
  };
}

/** Queues of the overview as Prometheus text. Names hold no character that would need escaping. */
function metricsText(queues: readonly ReportedQueue[], hasMore: boolean): string {
  const lines = FAMILIES.flatMap(({ name, type, help, samples }) => [
    `# HELP ${name} ${help}`,
    `# TYPE ${name} ${type}`,
    ...queues.flatMap(({ name: queue, report }) =>
      report === null
        ? []
        : samples(`queue="${queue}"`, report).map(
            ([labels, value, suffix = ""]) => `${name}${suffix}{${labels}} ${value}`,
          ),
    ),
  ]);
  return [
    ...lines,
    "# HELP edgeq_queues_omitted 1 if there are more queues than this scrape asked for.",
    "# TYPE edgeq_queues_omitted gauge",
    `edgeq_queues_omitted ${hasMore ? 1 : 0}`,
    "",
  ].join("\n");
}

const answer: Route["handle"] = async ({ url, env, ctx, grant }) => {
  const { fields, rest } = metrics;
  const { limit } = readQuery(url, fields, (query) => rest.parse(query, ""));
  const queues: ReportedQueue[] = [];
  for (let after: string | null = ""; after !== null && queues.length <= limit;) {
    const page: OverviewPage = await overviewByName(env, after, limit + 1 - queues.length, grant);
    queues.push(...page.queues);
    after = page.last?.name ?? null;
  }
  const text = metricsText(queues.slice(0, limit), queues.length > limit);
  return respondHeld(text, ctx, 200, "text/plain; version=0.0.4; charset=utf-8");
};

export const metricsRoute = routeOf(metrics, answer, { isFiltered: true });
