// All queues, the ones in trouble first. A healthy queue is one quiet line.

import { useEffect, useRef, useState } from "preact/hooks";
import type { WireQueue } from "../../protocol/wire-queue.ts";
import { historyOf } from "../data/history.ts";
import { useLive } from "../data/live.ts";
import { loadQueues, queueNames } from "../data/queues.ts";
import { session } from "../data/session.ts";
import { troublesOf, weightOf } from "../data/trouble.ts";
import { Sparkline } from "../parts/chart.tsx";
import { onRefreshKey } from "../parts/keyboard.tsx";
import { go, place, queueHref } from "../parts/router.ts";
import { Shell } from "../parts/shell.tsx";
import { Empty, Failure, PasteLine, Skeleton } from "../parts/states.tsx";
import { StateShape } from "../parts/marks.tsx";
import { compact, count, number, span } from "../parts/words.ts";

const NAMES_EVERY_MS = 15_000;
const COUNTS_EVERY_MS = 5_000;
/** Queues whose counts are asked for; more by "show more", since each of them is woken by it. */
const FIRST_SHOWN = 50;

export function OverviewPage() {
  const [shown, setShown] = useState(FIRST_SHOWN);
  const find = (place.value.query.get("find") ?? "").toLowerCase();
  const names = useLive("names", queueNames, NAMES_EVERY_MS);
  const found = namesOf(names.value?.names ?? granted()).filter((name) => name.toLowerCase().includes(find));
  const asked = found.slice(0, shown);
  const queues = useLive(`counts ${asked.join(" ")}`, (abort) => loadQueues(asked, abort), COUNTS_EVERY_MS);
  useEffect(() => onRefreshKey(() => (names.refresh(), queues.refresh())));
  // A list of names that changes keeps what is known of the others.
  const last = useRef<readonly WireQueue[]>([]);
  if (queues.value !== null) last.current = queues.value;
  const known = queues.value ?? last.current.filter(({ name }) => asked.includes(name));

  const isForbidden = names.error?.code === "forbidden";
  return (
    <Shell title="Queues">
      <h1 class="hidden">Queues</h1>
      {names.value === null && names.error !== null && !isForbidden ? <Failure error={names.error} /> : null}
      {names.value === null && names.error === null ? <Skeleton /> : null}
      {isForbidden ? <OpenByName /> : null}
      {names.value !== null && names.value.names.length === 0 ? <NoQueues /> : null}
      {found.length === 0 ? (
        find !== "" && names.value !== null && names.value.names.length > 0 ? (
          <Empty title={`No queue's name has “${find}” in it`}>
            <a href="/">All queues</a>
          </Empty>
        ) : null
      ) : (
        <>
          <Totals queues={known} names={found.length} />
          {known.length === 0 && queues.value === null ? <Skeleton /> : <QueueTable queues={known} />}
          {found.length > shown ? (
            <p class="more">
              <button type="button" onClick={() => setShown(shown * 2)}>
                Show more
              </button>
              <span class="muted">
                The first {shown} of {count(found.length, "queue")}
                {names.value?.hasMore === true ? " or more" : ""}. Asking a queue for its counts wakes it.
              </span>
            </p>
          ) : null}
        </>
      )}
    </Shell>
  );
}

/** The queues that a token without `admin` names in full. */
function granted(): readonly string[] {
  return (session.value?.queues ?? []).filter((name) => !name.includes("*"));
}

function namesOf(names: readonly string[]): readonly string[] {
  return [...new Set(names)];
}

function Totals({ queues, names }: { readonly queues: readonly WireQueue[]; readonly names: number }) {
  const sum = (name: "ready" | "delayed" | "claimed" | "dead"): number =>
    queues.reduce((total, { stats }) => total + stats[name], 0);
  return (
    <dl class="tiles">
      <div>
        <dt>queues</dt>
        <dd>{number(names)}</dd>
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

function QueueTable({ queues }: { readonly queues: readonly WireQueue[] }) {
  const rows = queues
    .map((queue) => ({ queue, troubles: troublesOf(queue, historyOf(queue.name)) }))
    .sort((a, b) => weightOf(b.troubles) - weightOf(a.troubles) || a.queue.name.localeCompare(b.queue.name));
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="Queues">
      <table class="queues">
        <thead>
          <tr>
            <th scope="col">Queue</th>
            <th scope="col" class="number">
              Ready
            </th>
            <th scope="col" class="number">
              Delayed
            </th>
            <th scope="col" class="number">
              Claimed
            </th>
            <th scope="col" class="number">
              Dead
            </th>
            <th scope="col" class="number">
              Oldest
            </th>
            <th scope="col">Backlog</th>
            <th scope="col">What to know</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ queue: { name, stats }, troubles }) => (
            <tr key={name}>
              {/* On the cells, not the row: Chromium forgets what a moved row's new class means for the cells in it. */}
              <td class={`of-name level-${weightOf(troubles)}`}>
                <a class="row-link" href={queueHref(name)}>
                  {name}
                </a>
              </td>
              <Figure title="Ready" value={stats.ready} />
              <Figure title="Delayed" value={stats.delayed} />
              <Figure title="Claimed" value={stats.claimed} />
              <Figure title="Dead" value={stats.dead} isBad />
              <td class={stats.oldestReadyAgeMs === null ? "number zero" : "number"} data-title="Oldest">
                {stats.oldestReadyAgeMs === null ? <span class="muted">–</span> : span(stats.oldestReadyAgeMs)}
              </td>
              <td class="of-backlog">
                <Sparkline values={historyOf(name).map(({ ready, delayed }) => ready + delayed)} />
              </td>
              <td class={`of-note level-${weightOf(troubles)}`}>
                {troubles[0] === undefined ? null : <span>{troubles[0].text}</span>}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface FigureProps {
  readonly title: string;
  readonly value: number;
  readonly isBad?: boolean;
}

function Figure({ title, value, isBad = false }: FigureProps) {
  const tone = value === 0 ? "zero" : isBad ? "bad" : "";
  return (
    <td class={`number ${tone}`} data-title={title} title={number(value)}>
      {compact(value)}
    </td>
  );
}

function NoQueues() {
  const line = `curl ${location.origin}/v1/queues/hello/tasks --json '{"payload":"hello"}'`;
  return (
    <Empty title="There are no queues yet">
      <p>A queue is made by its first task. Enqueue one from here, or paste this into a terminal:</p>
      <PasteLine text={line} />
      <p>
        <a class="button" href="/queues/hello/enqueue">
          Enqueue a task into “hello”
        </a>
      </p>
    </Empty>
  );
}

/** For tokens that may look at queues but not list them. */
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
      <p>Your token does not list all queues. Open one by its name.</p>
      <label>
        <span>Queue</span>
        <input value={name} onInput={({ currentTarget }) => setName(currentTarget.value)} spellcheck={false} />
      </label>
      <button type="submit" class="main">
        Open
      </button>
      <p class="muted">It may look at: {session.value?.queues.join(", ")}</p>
    </form>
  );
}
