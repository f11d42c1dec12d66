// One task: where it is in its life, why it is not running, what it holds, and what can be done to it.

import { useEffect } from "preact/hooks";
import type { WireBrowsedTask } from "../../protocol/wire-task.ts";
import { call } from "../data/call.ts";
import { useLive } from "../data/live.ts";
import { may } from "../data/session.ts";
import { useQueue } from "../data/use-queue.ts";
import { useWatch } from "../data/watch.ts";
import { whyNotRunning } from "../data/why-not-running.ts";
import { AttemptList } from "../parts/attempt-list.tsx";
import { BulkActions } from "../parts/bulk-actions.tsx";
import { now } from "../parts/clock.ts";
import { CopyButton } from "../parts/copy-button.tsx";
import { onRefreshKey } from "../parts/keyboard.tsx";
import { LifeLine } from "../parts/life-line.tsx";
import { StateMark, Time } from "../parts/marks.tsx";
import { PayloadView } from "../parts/payload-view.tsx";
import { queueHref, taskHref } from "../parts/router.ts";
import { Shell } from "../parts/shell.tsx";
import { Failure, Skeleton } from "../parts/states.tsx";
import { count } from "../parts/words.ts";

const EVERY_MS = 3_000;

export function TaskPage({ name, id }: { readonly name: string; readonly id: string }) {
  const load = (abort: AbortSignal): Promise<WireBrowsedTask> => call(name, "getTask", { id }, abort);
  const { value: task, error, refresh } = useLive(`task ${name} ${id}`, load, EVERY_MS, useWatch(name));
  useEffect(() => onRefreshKey(refresh));
  const isGone = error?.code === "task-not-found";
  return (
    <Shell title={id} queue={name}>
      {task === null && error === null ? <Skeleton /> : null}
      {error !== null && (task === null || isGone) ? <Failure error={error} /> : null}
      {task === null || isGone ? null : <Shown queue={name} task={task} refresh={refresh} />}
    </Shell>
  );
}

interface ShownProps {
  readonly queue: string;
  readonly task: WireBrowsedTask;
  readonly refresh: () => void;
}

function Shown({ queue, task: asItIs, refresh }: ShownProps) {
  const { value } = useQueue(queue);
  // Most tasks have no limit of their own: the queue's is theirs.
  const task = { ...asItIs, maxAttempts: asItIs.maxAttempts ?? value?.settings.maxAttempts ?? null };
  const isFree = task.state === "ready" || task.state === "delayed";
  const isDeadHere = task.state === "dead" && task.origin === null;
  return (
    <>
      <div class="head">
        <h1 class="id">{task.id}</h1>
        <CopyButton text={task.id} label="id" />
        <StateMark state={task.state} />
        <div class="actions">
          {may("enqueue", queue) ? (
            <a class="button" href={queueHref(queue, "enqueue", { from: task.id })}>
              Clone
            </a>
          ) : null}
          {may("manage", queue) && (isFree || isDeadHere) ? (
            <a class="button" href={queueHref(queue, `tasks/${encodeURIComponent(task.id)}/edit`)}>
              {isFree ? "Edit" : "Change and redrive"}
            </a>
          ) : null}
          {may("manage", queue) ? <BulkActions queue={queue} tasks={[task]} onDone={refresh} onClear={null} /> : null}
        </div>
      </div>
      <p class="why">{whyNotRunning(task, value, now.value)}</p>
      <LifeLine task={task} />
      {task.error === null ? null : (
        <section class="card" aria-labelledby="error-title">
          <header>
            <h2 id="error-title">Last error</h2>
            <a href={queueHref(queue, "tasks", { find: `error:${quoted(task.error.split("\n")[0] ?? "")}` })}>
              Tasks with this error
            </a>
            <CopyButton text={task.error} label="error" />
          </header>
          <pre tabIndex={0} aria-label="The error in full" class="error">
            {task.error}
          </pre>
        </section>
      )}
      <AttemptList task={task} />
      <PayloadView task={task} />
      <Headers task={task} queue={queue} />
      <Facts task={task} />
    </>
  );
}

function quoted(text: string): string {
  return `"${text.replaceAll(/["\\]/g, "\\$&")}"`;
}

/** W3C trace context: the trace's id is the second part. */
const TRACE = /^[0-9a-f]{2}-([0-9a-f]{32})-/;

function Headers({ task: { headers }, queue }: { readonly task: WireBrowsedTask; readonly queue: string }) {
  const names = Object.keys(headers).sort();
  if (names.length === 0) return null;
  return (
    <section class="card" aria-labelledby="headers-title">
      <header>
        <h2 id="headers-title">Headers</h2>
      </header>
      <dl class="facts">
        {names.map((name) => {
          const value = headers[name] ?? "";
          const trace = name.toLowerCase() === "traceparent" ? TRACE.exec(value)?.[1] : undefined;
          return (
            <div key={name}>
              <dt>{name}</dt>
              <dd>
                {value}{" "}
                {trace === undefined ? null : (
                  <>
                    <a href={queueHref(queue, "tasks", { find: `header.${name}:*${trace}*` })}>Tasks of this trace</a>
                    <CopyButton text={trace} label="trace id" />
                  </>
                )}
              </dd>
            </div>
          );
        })}
      </dl>
    </section>
  );
}

function Facts({ task }: { readonly task: WireBrowsedTask }) {
  const { origin, expiresAt } = task;
  return (
    <section class="card" aria-labelledby="facts-title">
      <header>
        <h2 id="facts-title">Facts</h2>
      </header>
      <dl class="facts">
        <Fact name="Lane">{task.lane}</Fact>
        {task.key === undefined ? null : <Fact name="Key">{task.key}</Fact>}
        <Fact name="Priority">{task.priority}</Fact>
        <Fact name="Attempts">
          {task.attempts} of {task.maxAttempts ?? "any number"}
        </Fact>
        <Fact name="Version">{task.version}</Fact>
        {expiresAt === null ? null : (
          <Fact name="Expires">
            <Time at={expiresAt} />
          </Fact>
        )}
        {origin === null ? null : (
          <Fact name="Died in">
            <a href={taskHref(origin.queue, origin.id)}>{origin.queue}</a>, lane {origin.lane}, after{" "}
            {count(origin.attempts, "attempt")}, <Time at={origin.diedAt} />
            {origin.error === null ? "" : `: ${origin.error}`}
          </Fact>
        )}
      </dl>
    </section>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: preact.ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
