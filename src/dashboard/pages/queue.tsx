// One queue at a glance: its counts, what is wrong, how the counts moved, its lanes, and what can be done to it as a whole.

import { useEffect, useMemo } from "preact/hooks";
import type { WireQueue } from "../../protocol/wire-queue.ts";
import { historyOf } from "../data/history.ts";
import { columnsOf, lastMinute } from "../data/history-columns.ts";
import { rangeOf, RANGES, useHistory, type Range } from "../data/queue-history.ts";
import { may } from "../data/session.ts";
import { failing, troublesOf } from "../data/trouble.ts";
import { useQueue } from "../data/use-queue.ts";
import { Chart, type Line } from "../parts/chart.tsx";
import { CostCard } from "../parts/cost-card.tsx";
import { onRefreshKey } from "../parts/keyboard.tsx";
import { NoAge, StateShape, Time } from "../parts/marks.tsx";
import { askToRedriveAll, setPaused } from "../parts/queue-actions.tsx";
import { place, queueHref, withQuery } from "../parts/router.ts";
import { Shell } from "../parts/shell.tsx";
import { Empty, Failure, NotLoaded, PasteLine, Skeleton } from "../parts/states.tsx";
import { numbers, Table } from "../parts/table.tsx";
import { TroubleLinks } from "../parts/trouble-links.tsx";
import { bytes, compact, number, span } from "../parts/words.ts";

export function QueuePage({ name }: { readonly name: string }) {
  const { value, error, refresh } = useQueue(name);
  useEffect(() => onRefreshKey(refresh));
  return (
    <Shell title={name} queue={name}>
      {value === null ? error === null ? <Skeleton /> : <NotThere error={error} name={name} /> : null}
      {value === null ? null : (
        <>
          <div class="head">
            <h1>{name}</h1>
            {value.settings.paused ? <span class="badge">paused</span> : null}
            <Actions queue={value} refresh={refresh} />
          </div>
          <Watched queue={value} />
          <Lanes queue={value} />
          {may("browse", name) ? <CostCard queue={value} /> : null}
          <p class="muted foot">
            Created <Time at={value.createdAt} />. {bytes(value.stats.bytes)} stored.
          </p>
        </>
      )}
    </Shell>
  );
}

function NotThere({ error, name }: { readonly error: Parameters<typeof Failure>[0]["error"]; readonly name: string }) {
  if (!may("enqueue", name)) return <Failure error={error} />;
  if (error.code === "forbidden") {
    return (
      <Empty isWhole title="Your token does not show this queue">
        <p>It enqueues tasks. What becomes of them, a token with the action browse shows.</p>
        <EnqueueLink name={name} />
      </Empty>
    );
  }
  if (error.code !== "queue-not-found") return <Failure error={error} />;
  return (
    <Empty isWhole title={`There is no queue “${name}” yet`}>
      <p>It is made by its first task.</p>
      <PasteLine text={`curl ${location.origin}/v1/queues/${name}/tasks --json '{"payload":"hello"}'`} />
      <EnqueueLink name={name} />
    </Empty>
  );
}

function EnqueueLink({ name }: { readonly name: string }) {
  return (
    <p>
      <a class="button" href={queueHref(name, "enqueue")}>
        Enqueue a task
      </a>
    </p>
  );
}

function Actions({ queue, refresh }: { readonly queue: WireQueue; readonly refresh: () => void }) {
  const { name, settings, stats } = queue;
  return (
    <div class="actions">
      {may("enqueue", name) ? (
        <a class="button" href={queueHref(name, "enqueue")}>
          Enqueue
        </a>
      ) : null}
      {may("manage", name) ? (
        <>
          <button type="button" onClick={() => void setPaused(name, !settings.paused, refresh)}>
            {settings.paused ? "Resume" : "Pause"}
          </button>
          {stats.dead > 0 ? (
            <button type="button" onClick={() => askToRedriveAll(queue, refresh)}>
              Redrive all dead
            </button>
          ) : null}
        </>
      ) : null}
    </div>
  );
}

/** What its counts and its history say together. */
function Watched({ queue }: { readonly queue: WireQueue }) {
  const range = rangeOf(place.value.query.get("range"));
  const history = useHistory(queue.name, range);
  const { failed, acked } = lastMinute(history.value);
  const isFailing = failing(failed, acked);
  const troubles = [
    ...(isFailing === null ? [] : [isFailing]),
    ...troublesOf({ ...queue, isWorkedOn: failed + acked > 0 }, historyOf(queue.name)),
  ];
  return (
    <>
      <TroubleLinks queue={queue.name} troubles={troubles.toSorted((a, b) => b.level - a.level)} />
      <Tiles queue={queue} />
      <Charts queue={queue} range={range} history={history} />
    </>
  );
}

function Tiles({ queue: { name, stats } }: { readonly queue: WireQueue }) {
  return (
    <dl class="tiles">
      {(["ready", "delayed", "claimed", "dead"] as const).map((state) => (
        <div key={state}>
          <dt>
            <StateShape state={state} /> {state}
          </dt>
          <dd class={state === "dead" && stats.dead > 0 ? "bad" : ""}>
            <a href={queueHref(name, "tasks", { state })} title={number(stats[state])}>
              {compact(stats[state])}
            </a>
          </dd>
        </div>
      ))}
      <div>
        <dt>oldest ready</dt>
        <dd>{stats.oldestReadyAgeMs === null ? <NoAge ready={stats.ready} /> : span(stats.oldestReadyAgeMs)}</dd>
      </div>
    </dl>
  );
}

const THROUGHPUT: readonly Line[] = [
  { label: "in", colour: "--ready" },
  { label: "acked", colour: "--claimed" },
];
const FAILURES: readonly Line[] = [
  { label: "failed", colour: "--delayed" },
  { label: "expired", colour: "--claimed" },
  { label: "died", colour: "--dead" },
];
const BACKLOG: readonly Line[] = [
  { label: "waiting", colour: "--ready" },
  { label: "dead", colour: "--dead" },
];
const QUANTILES: readonly Line[] = [
  { label: "p50", colour: "--claimed" },
  { label: "p95", colour: "--delayed" },
];
/** With the half of a step that an axis of few seconds has. */
const seconds = (value: number): string =>
  value >= 1 && value < 10 ? `${Number(value.toFixed(1))} s` : span(value * 1_000);

interface ChartsProps {
  readonly queue: WireQueue;
  readonly range: Range;
  readonly history: ReturnType<typeof useHistory>;
}

function Charts({ queue: { stats, createdAt }, range, history: { value, error } }: ChartsProps) {
  const { ready, delayed, dead } = stats;
  const columns = useMemo(
    () => (value === null ? null : columnsOf(value, { createdAt, waiting: ready + delayed, dead })),
    [value, createdAt, ready + delayed, dead],
  );
  return (
    <section aria-labelledby="history-title">
      <div class="head">
        <h2 id="history-title">History</h2>
        <nav class="actions" aria-label="How far back">
          {(Object.keys(RANGES) as Range[]).map((other) => (
            <a
              key={other}
              class="button"
              href={withQuery({ range: other === "hour" ? null : other })}
              aria-current={other === range ? "true" : undefined}
            >
              {other}
            </a>
          ))}
        </nav>
      </div>
      {columns === null ? (
        <NotLoaded error={error} />
      ) : (
        <div class="charts">
          <Chart title="Tasks a minute" lines={THROUGHPUT} data={columns.throughput} />
          <Chart title="Backlog" lines={BACKLOG} data={columns.backlog} />
          <Chart title="Failures a minute" lines={FAILURES} data={columns.failures} />
          <Chart
            title="Wait, ready to claimed"
            lines={QUANTILES}
            data={columns.wait}
            format={seconds}
            none="No task was claimed in this time"
          />
          <Chart
            title="Run, claimed to acked"
            lines={QUANTILES}
            data={columns.run}
            format={seconds}
            none="No task was acked in this time"
          />
        </div>
      )}
    </section>
  );
}

function Lanes({ queue: { name, stats } }: { readonly queue: WireQueue }) {
  const lanes = Object.entries(stats.lanes).sort(([a], [b]) => a.localeCompare(b));
  if (lanes.length < 2) return null;
  return (
    <section aria-labelledby="lanes-title" class="lanes">
      <h2 id="lanes-title">Lanes</h2>
      <Table label="Lanes" heads={["Lane", ...numbers("Ready", "Delayed", "Claimed", "Dead")]}>
        {lanes.map(([lane, counts]) => (
          <tr key={lane}>
            <td>
              <a class="row-link" href={queueHref(name, "tasks", { find: `lane:${lane}` })}>
                {lane}
              </a>
            </td>
            {(["ready", "delayed", "claimed", "dead"] as const).map((state) => (
              <td key={state} data-title={state} class={`number ${counts[state] === 0 ? "zero" : ""}`}>
                {number(counts[state])}
              </td>
            ))}
          </tr>
        ))}
      </Table>
    </section>
  );
}
