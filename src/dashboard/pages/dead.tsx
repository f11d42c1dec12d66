// Dead letters, together by what their errors have in common: those that died in this queue, and those that came to it as a
// dead-letter queue.

import { useEffect, useState } from "preact/hooks";
import type { WireBrowsedTask } from "../../protocol/wire-task.ts";
import { deadGroupsOf, type DeadGroup } from "../data/dead-groups.ts";
import { useLive } from "../data/live.ts";
import { scanTasks, type ScanResult } from "../data/scan.ts";
import { may } from "../data/session.ts";
import { cancel, redrive } from "../data/task-actions.ts";
import { askAndRun } from "../parts/bulk-actions.tsx";
import { onRefreshKey } from "../parts/keyboard.tsx";
import { Time } from "../parts/marks.tsx";
import { queueHref, taskHref } from "../parts/router.ts";
import { Shell } from "../parts/shell.tsx";
import { Empty, NotLoaded } from "../parts/states.tsx";
import { count, number } from "../parts/words.ts";

interface Found {
  readonly dead: ScanResult;
  readonly arrived: ScanResult;
}

const ANY_NUMBER = Infinity;

async function deadLetters(queue: string, abort: AbortSignal): Promise<Found> {
  const [dead, arrived] = await Promise.all([
    scanTasks({ queue, query: "state:dead" }, ANY_NUMBER, null, abort),
    scanTasks({ queue, query: "state:ready origin:*" }, ANY_NUMBER, null, abort),
  ]);
  return { dead, arrived };
}

export function DeadPage({ name }: { readonly name: string }) {
  const { value, error, refresh } = useLive(`dead ${name}`, (abort) => deadLetters(name, abort), null);
  useEffect(() => onRefreshKey(refresh));
  const tasks = value === null ? [] : [...value.dead.matches, ...value.arrived.matches];
  const groups = deadGroupsOf(tasks);
  return (
    <Shell title={`Dead letters of ${name}`} queue={name}>
      <div class="head">
        <h1>Dead letters</h1>
        <div class="actions">
          <button type="button" onClick={refresh}>
            Look again
          </button>
        </div>
      </div>
      {value === null ? <NotLoaded error={error} /> : null}
      {value === null ? null : (
        <p class="muted">
          {count(tasks.length, "dead letter")} in {count(groups.length, "group")}, by what their errors have in common.{" "}
          {value.dead.cursor === null && value.arrived.cursor === null
            ? ""
            : `Only the first ${number(value.dead.lookedAt + value.arrived.lookedAt)} tasks were looked at.`}
        </p>
      )}
      {value !== null && tasks.length === 0 ? (
        <Empty title="No dead letters">
          <p>A task dies when its last allowed attempt fails. None has.</p>
        </Empty>
      ) : null}
      <ul class="groups">
        {groups.map((group) => (
          <Group key={group.fingerprint} queue={name} group={group} onDone={refresh} />
        ))}
      </ul>
    </Shell>
  );
}

/** One that died here is redriven with its change; of a dead letter a changed copy is sent, which leaves it where it is. */
function ChangeLink({
  queue,
  task: { id, state, origin },
}: {
  readonly queue: string;
  readonly task: WireBrowsedTask;
}) {
  if (may("manage", queue) && state === "dead" && origin === null) {
    return (
      <a class="muted" href={`${taskHref(queue, id)}/edit`}>
        change and redrive
      </a>
    );
  }
  if (!may("enqueue", queue)) return null;
  return (
    <a class="muted" href={queueHref(queue, "enqueue", { from: id })}>
      change and send again
    </a>
  );
}

/** Of a group's tasks, what is listed; the rest is a search away. */
const LISTED = 20;
/** Of other errors of earlier attempts. */
const EARLIER = 3;

interface GroupProps {
  readonly queue: string;
  readonly group: DeadGroup;
  readonly onDone: () => void;
}

function Group({
  queue,
  group: { fingerprint, example, tasks, firstAt, lastAt, earlier, origins },
  onDone,
}: GroupProps) {
  const [isOpen, setOpen] = useState(false);
  return (
    <li class="card">
      <header>
        <b class="size">{number(tasks.length)}</b>
        <h2>{fingerprint === "" ? "No error was given" : fingerprint}</h2>
        {may("manage", queue) ? (
          <div class="actions">
            <button type="button" onClick={() => askAndRun(redrive, queue, tasks, onDone)}>
              Redrive {number(tasks.length)}
            </button>
            <button type="button" class="danger-text" onClick={() => askAndRun(cancel, queue, tasks, onDone)}>
              Cancel {number(tasks.length)}
            </button>
          </div>
        ) : null}
      </header>
      <p class="muted">
        First <Time at={firstAt} />, last <Time at={lastAt} />
        {origins.length === 0 ? "" : `, from ${origins.join(", ")}`}
      </p>
      {earlier.length === 0 ? null : (
        <p class="muted">
          Earlier attempts failed otherwise:{" "}
          {earlier.slice(0, EARLIER).map(({ fingerprint: text, tasks: at }) => (
            <span key={text}>
              <code>{text}</code> ({count(at, "task")}){" "}
            </span>
          ))}
          {earlier.length > EARLIER ? `and ${number(earlier.length - EARLIER)} more` : ""}
        </p>
      )}
      <details open={isOpen} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
        <summary>Tasks and the error in full</summary>
        {isOpen ? (
          <>
            {example === "" ? null : (
              <pre tabIndex={0} aria-label="The error in full" class="error">
                {example}
              </pre>
            )}
            <ul class="ids">
              {tasks.slice(0, LISTED).map((task: WireBrowsedTask) => (
                <li key={task.id}>
                  <a href={taskHref(queue, task.id)}>{task.id}</a>
                  <ChangeLink queue={queue} task={task} />
                </li>
              ))}
            </ul>
            {tasks.length > LISTED ? <p class="muted">and {number(tasks.length - LISTED)} more</p> : null}
          </>
        ) : null}
      </details>
    </li>
  );
}
