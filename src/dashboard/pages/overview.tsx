// All queues, the ones in trouble first. A healthy queue is one quiet line.

import type { WireOverviewed } from "../../protocol/wire-overview.ts";
import { useEffect, useRef, useState } from "preact/hooks";
import { call } from "../data/call.ts";
import { historyOf } from "../data/history.ts";
import { isPaused, isVisible, useLive } from "../data/live.ts";
import { loadOverview, PAGE_QUEUES, type Overview } from "../data/overview.ts";
import { aged } from "../data/aged.ts";
import { may, session } from "../data/session.ts";
import { reportedTroubles, weightOf, type Trouble } from "../data/trouble.ts";
import { useOverviewWatch } from "../data/watch-overview.ts";
import { Sparkline } from "../parts/chart.tsx";
import { onRefreshKey } from "../parts/keyboard.tsx";
import { go, place, queueHref, taskHref, withQuery } from "../parts/router.ts";
import { answerOrNotice } from "../parts/notice.tsx";
import { Pages } from "../parts/pages.tsx";
import { Shell } from "../parts/shell.tsx";
import { Empty, Failure, PasteLine, Skeleton } from "../parts/states.tsx";
import { NoAge, StateShape } from "../parts/marks.tsx";
import { numbers, Table } from "../parts/table.tsx";
import { troubleHref } from "../parts/trouble-links.tsx";
import { coarse, compact, number, span } from "../parts/words.ts";

const EVERY_MS = 5_000;
/** A report this old is one of a queue that sleeps. ms. */
const ASLEEP_MS = 60_000;

export function OverviewPage() {
  const find = (place.value.query.get("find") ?? "").toLowerCase();
  const cursor = place.value.query.get("cursor");
  const watch = useOverviewWatch();
  const live = useLive(
    `overview ${find} ${cursor ?? ""}`,
    (abort) => loadOverview(find, cursor, abort),
    EVERY_MS,
    watch,
  );
  const { error, refresh } = live;
  // While one types, what is there already is narrowed at once.
  const last = useRef<Overview | null>(null);
  last.current = live.value ?? last.current;
  const value = live.value ?? narrowed(last.current, find);
  const sinceMs = useSince(live.at);
  useEffect(() => onRefreshKey(refresh));
  const isForbidden = error?.code === "forbidden";
  return (
    <Shell title="Queues">
      <h1 class="hidden">Queues</h1>
      {value === null && error !== null && !isForbidden ? <Failure error={error} /> : null}
      {value === null && error === null ? <Skeleton /> : null}
      {isForbidden ? <OpenByName /> : null}
      {value === null ? null : value.queues.length === 0 ? (
        value.cursor !== null ? (
          <Empty title={`None of the ${number(value.lookedAt)} queues looked at is one of them`}>
            <a class="button" href={withQuery({ cursor: value.cursor })}>
              Go on
            </a>
          </Empty>
        ) : cursor !== null ? (
          <Empty title="No more queues">
            <a href={withQuery({ cursor: null })}>First page</a>
          </Empty>
        ) : find === "" ? (
          <NoQueues />
        ) : (
          <Empty title={`No queue's name has “${find}” in it`}>
            <a href="/">All queues</a>
          </Empty>
        )
      ) : (
        <>
          {cursor === null ? <Totals queues={value.queues} hasMore={value.cursor !== null} /> : null}
          <QueueTable queues={value.queues.map((queue) => aged(queue, sinceMs))} />
          <Pages cursor={cursor} next={value.cursor} size={PAGE_QUEUES} />
        </>
      )}
    </Shell>
  );
}

/** How old what is shown is by now, in steps. ms; 0: nothing is shown. */
function useSince(at: number | null): number {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => {
      if (isVisible.value && !isPaused.value) setNow(Date.now());
    }, EVERY_MS);
    return () => clearInterval(timer);
  }, []);
  return at === null ? 0 : Math.max(0, now - at);
}

/** null: nothing of it is left. */
function narrowed(overview: Overview | null, find: string): Overview | null {
  const queues = overview?.queues.filter(({ name }) => name.toLowerCase().includes(find)) ?? [];
  return overview === null || queues.length === 0 ? null : { ...overview, queues };
}

function Totals({ queues, hasMore }: { readonly queues: readonly WireOverviewed[]; readonly hasMore: boolean }) {
  const sum = (name: "ready" | "delayed" | "claimed" | "dead"): number =>
    queues.reduce((total, { report }) => total + (report?.stats?.[name] ?? 0), 0);
  return (
    <dl class="tiles">
      <div>
        <dt>queues</dt>
        <dd>
          {number(queues.length)}
          {hasMore ? "+" : ""}
        </dd>
      </div>
      {(["ready", "delayed", "claimed", "dead"] as const).map((state) => (
        <div key={state}>
          <dt>
            <StateShape state={state} /> {state}
          </dt>
          <dd class={state === "dead" && sum("dead") > 0 ? "bad" : ""} title={number(sum(state))}>
            {compact(sum(state))}
          </dd>
        </div>
      ))}
    </dl>
  );
}

const NUMBERS = numbers("Ready", "Delayed", "Claimed", "Dead", "Oldest", "In / min", "Out / min");

function QueueTable({ queues }: { readonly queues: readonly WireOverviewed[] }) {
  const rows = queues
    .map((queue) => ({ ...queue, troubles: reportedTroubles(queue, historyOf(queue.name)) }))
    // Among equals the server's order stays: the gravest first.
    .sort((a, b) => weightOf(b.troubles) - weightOf(a.troubles));
  return (
    <Table label="Queues" heads={["Queue", ...NUMBERS, "Backlog", "What to know"]} name="queues">
      {rows.map(({ name, report, troubles }) => (
        <tr key={name}>
          {/* On the cells, not the row: Chromium forgets what a moved row's new class means for the cells in it. */}
          <td class={`of-name level-${weightOf(troubles)}`}>
            <a class="row-link" href={queueHref(name)}>
              {name}
            </a>
          </td>
          <Figure title="Ready" value={report?.stats?.ready ?? null} />
          <Figure title="Delayed" value={report?.stats?.delayed ?? null} />
          <Figure title="Claimed" value={report?.stats?.claimed ?? null} />
          <Figure title="Dead" value={report?.stats?.dead ?? null} isBad />
          <Oldest ageMs={report?.stats?.oldestReadyAgeMs ?? null} ready={report?.stats?.ready ?? 0} />
          <Figure title="In / min" value={report?.inPerMinute ?? null} />
          <Figure title="Out / min" value={report?.outPerMinute ?? null} />
          <td class="of-backlog">
            <Sparkline values={historyOf(name).map(({ ready, delayed }) => ready + delayed)} />
          </td>
          <td class={`of-note level-${weightOf(troubles)}`}>
            {troubles[0] === undefined ? noteOf(report) : <TroubleNote queue={name} trouble={troubles[0]} />}
          </td>
        </tr>
      ))}
    </Table>
  );
}

/** It leads to where something can be done about it. */
function TroubleNote({ queue, trouble: { text, where } }: { readonly queue: string; readonly trouble: Trouble }) {
  return (
    <a href={troubleHref(queue, where)}>
      <span>{text}</span>
    </a>
  );
}

/** How far what is shown can be trusted, where that is not a matter of course. */
function noteOf(report: WireOverviewed["report"]) {
  if (report === null) return <small class="muted">Not heard of yet</small>;
  if (report.stats === null) return <small class="muted">Open it to have its tasks counted</small>;
  return report.ageMs > ASLEEP_MS ? <small class="muted">Quiet for {coarse(report.ageMs)}</small> : null;
}

function Oldest({ ageMs, ready }: { readonly ageMs: number | null; readonly ready: number }) {
  return (
    <td class={ageMs === null ? "number zero" : "number"} data-title="Oldest">
      {ageMs === null ? <NoAge ready={ready} /> : span(ageMs)}
    </td>
  );
}

interface FigureProps {
  readonly title: string;
  /** null: not known. */
  readonly value: number | null;
  readonly isBad?: boolean;
}

function Figure({ title, value, isBad = false }: FigureProps) {
  if (value === null) {
    return (
      <td class="number zero" data-title={title}>
        <span class="muted">–</span>
      </td>
    );
  }
  const tone = value === 0 ? "zero" : isBad ? "bad" : "";
  return (
    <td class={`number ${tone}`} data-title={title} title={number(value)}>
      {compact(value)}
    </td>
  );
}

/** The queue that somebody makes who has none yet. */
const FIRST = "hello";

async function enqueueFirst(): Promise<void> {
  const answer = await answerOrNotice(call(FIRST, "enqueue", { tasks: [{ payload: "hello" }] }));
  const [task] = answer?.tasks ?? [];
  if (task !== undefined) go(taskHref(FIRST, task.id));
}

function NoQueues() {
  const line = `curl ${location.origin}/v1/queues/hello/tasks --json '{"payload":"hello"}'`;
  return (
    <Empty title="There are no queues yet">
      <p>A queue is made by its first task. Paste this into a terminal, or enqueue one from here:</p>
      <PasteLine text={line} />
      {may("enqueue", FIRST) ? (
        <p>
          <button type="button" class="main" onClick={() => void enqueueFirst()}>
            Enqueue “hello”
          </button>{" "}
          <a href={queueHref(FIRST, "enqueue")}>or fill in a task yourself</a>
        </p>
      ) : null}
    </Empty>
  );
}

/** For tokens that may not look at queues. */
function OpenByName() {
  const [name, setName] = useState("");
  return (
    <form
      class="card narrow"
      onSubmit={(event) => {
        event.preventDefault();
        if (name !== "") go(queueHref(name));
      }}
    >
      <p>Your token does not list queues. Open one by its name.</p>
      <label>
        <span>Queue</span>
        <input value={name} onInput={({ currentTarget }) => setName(currentTarget.value)} spellcheck={false} />
      </label>
      <button type="submit" class="main">
        Open
      </button>
      <p class="muted">
        It is for:{" "}
        {session.value?.queues.map((queue, at) => (
          <span key={queue}>
            {at === 0 ? "" : ", "}
            {queue.includes("*") ? queue : <a href={queueHref(queue)}>{queue}</a>}
          </span>
        ))}
      </p>
    </form>
  );
}
