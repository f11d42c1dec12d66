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

interface Family {
  readonly name: string;
  readonly type: "gauge" | "counter" | "histogram";
  readonly help: string;
  readonly samples: (queue: string, report: NonNullable<ReportedQueue["report"]>) => readonly Sample[];
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
  {
    name: "edgeq_queue_oldest_ready_age_seconds",
    type: "gauge",
    help: "How long the oldest ready task has waited. Absent when none is ready.",
    samples: (queue, { stats }) =>
      typeof stats?.oldestReadyAgeMs === "number" ? [[queue, stats.oldestReadyAgeMs / 1_000]] : [],
  },
  {
    name: "edgeq_queue_paused",
    type: "gauge",
    help: "1 while the queue is paused.",
    samples: (queue, { paused }) => [[queue, paused ? 1 : 0]],
  },
  {
    name: "edgeq_queue_consumers",
    type: "gauge",
    help: "Consumers that stood in line for tasks.",
    samples: (queue, { consumers }) => [[queue, consumers]],
  },
  {
    name: "edgeq_queue_parked_messages",
    type: "gauge",
    help: "Outbox messages that are parked.",
    samples: (queue, { parked }) => [[queue, parked]],
  },
  {
    name: "edgeq_queue_report_age_seconds",
    type: "gauge",
    help: "How old the queue's report is.",
    samples: (queue, { ageMs }) => [[queue, ageMs / 1_000]],
  },
  {
    name: "edgeq_queue_task_events_total",
    type: "counter",
    help: "Tasks by what happened to them.",
    samples: (queue, { totals }) => Object.entries(totals).map(([event, n]) => [`${queue},event="${event}"`, n]),
  },
  {
    name: "edgeq_queue_limited_keys",
    type: "gauge",
    help: "Keys with ready tasks that wait for another task of theirs to end.",
    samples: (queue, { limitedKeys }) => (limitedKeys === null ? [] : [[queue, limitedKeys]]),
  },
  {
    name: "edgeq_queue_last_death_timestamp_seconds",
    type: "gauge",
    help: "When the last death was reported, here or on the way to a dead-letter queue. Absent when none has died.",
    samples: (queue, { lastDeathAt }) => (lastDeathAt === null ? [] : [[queue, lastDeathAt / 1_000]]),
  },
  histogram("edgeq_queue_wait_seconds", "wait", "From ready to claimed; the sum is estimated."),
  histogram("edgeq_queue_run_seconds", "run", "From claimed to acked; the sum is estimated."),
];

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
