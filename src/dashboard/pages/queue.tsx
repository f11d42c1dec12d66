// One queue at a glance: its counts, what is wrong, how the counts moved, its lanes, and what can be done to it as a whole.

import { useEffect, useMemo } from "preact/hooks";
import type { WireQueue } from "../../protocol/wire-queue.ts";
import { historyOf } from "../data/history.ts";
import { may } from "../data/session.ts";
import { troublesOf } from "../data/trouble.ts";
import { useQueue } from "../data/use-queue.ts";
import { Chart, type Line } from "../parts/chart.tsx";
import { onRefreshKey } from "../parts/keyboard.tsx";
import { StateShape, Time } from "../parts/marks.tsx";
import { askToRedriveAll, setPaused } from "../parts/queue-actions.tsx";
import { queueHref } from "../parts/router.ts";
import { Shell } from "../parts/shell.tsx";
import { Empty, Failure, PasteLine, Skeleton } from "../parts/states.tsx";
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
          <Troubles queue={value} />
          <Tiles queue={value} />
          <Charts queue={value} />
          <Lanes queue={value} />
          <p class="muted foot">
            Created <Time at={value.createdAt} />. {bytes(value.stats.bytes)} stored.
          </p>
        </>
      )}
    </Shell>
  );
}

function NotThere({ error, name }: { readonly error: Parameters<typeof Failure>[0]["error"]; readonly name: string }) {
  if (error.code !== "queue-not-found" || !may("enqueue", name)) return <Failure error={error} />;
  return (
    <Empty isWhole title={`There is no queue “${name}” yet`}>
      <p>It is made by its first task.</p>
      <PasteLine text={`curl ${location.origin}/v1/queues/${name}/tasks --json '{"payload":"hello"}'`} />
      <p>
        <a class="button" href={queueHref(name, "enqueue")}>
          Enqueue a task
        </a>
      </p>
    </Empty>
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

function Troubles({ queue }: { readonly queue: WireQueue }) {
  const troubles = troublesOf(queue, historyOf(queue.name));
  if (troubles.length === 0) return null;
  return (
    <ul class="troubles">
      {troubles.map(({ level, text }) => (
        <li key={text} class={`level-${level}`}>
          {text}
        </li>
      ))}
    </ul>
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
        <dd>{stats.oldestReadyAgeMs === null ? <span class="muted">–</span> : span(stats.oldestReadyAgeMs)}</dd>
      </div>
    </dl>
  );
}

const BACKLOG: readonly Line[] = [
  { label: "ready", colour: "--ready" },
  { label: "delayed", colour: "--delayed" },
];
const WORK: readonly Line[] = [{ label: "claimed", colour: "--claimed" }];
const DEAD: readonly Line[] = [{ label: "dead", colour: "--dead" }];

function Charts({ queue: { name } }: { readonly queue: WireQueue }) {
  const history = historyOf(name);
  const size = history.length;
  const columns = useMemo(() => {
    const at = history.map((sample) => sample.at / 1_000);
    return {
      backlog: [at, history.map(({ ready }) => ready), history.map(({ delayed }) => delayed)],
      work: [at, history.map(({ claimed }) => claimed)],
      dead: [at, history.map(({ dead }) => dead)],
    };
  }, [name, size, history.at(-1)?.at]);
  return (
    <section aria-label="Counts over time">
      <div class="charts">
        <Chart title="Backlog" lines={BACKLOG} data={columns.backlog} />
        <Chart title="Claimed" lines={WORK} data={columns.work} />
        <Chart title="Dead" lines={DEAD} data={columns.dead} />
      </div>
      <p class="muted">Since you opened this page, for up to an hour.</p>
    </section>
  );
}

function Lanes({ queue: { name, stats } }: { readonly queue: WireQueue }) {
  const lanes = Object.entries(stats.lanes).sort(([a], [b]) => a.localeCompare(b));
  if (lanes.length < 2) return null;
  return (
    <section aria-labelledby="lanes-title" class="lanes">
      <h2 id="lanes-title">Lanes</h2>
      <div class="scroll" tabIndex={0} role="region" aria-label="Lanes">
        <table>
          <thead>
            <tr>
              <th scope="col">Lane</th>
              {["Ready", "Delayed", "Claimed", "Dead"].map((title) => (
                <th key={title} scope="col" class="number">
                  {title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
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
          </tbody>
        </table>
      </div>
    </section>
  );
}
