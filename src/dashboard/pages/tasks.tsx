// The tasks of a queue: by state, or those that a search finds. State, search, columns and place in the list are in the address. The
// list stands still while one reads; a button says when there is something new.

import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { WireBrowsedTask, WireTaskState } from "../../protocol/wire-task.ts";
import { useLive } from "../data/live.ts";
import { scanOf, scanTasks, type ScanResult } from "../data/scan.ts";
import { may } from "../data/session.ts";
import { tasksWithAttempts } from "../data/tasks-with-attempts.ts";
import { useQueue } from "../data/use-queue.ts";
import { AllThatMatch } from "../parts/all-that-match.tsx";
import { BulkActions } from "../parts/bulk-actions.tsx";
import { ColumnChoice, chosenColumns } from "../parts/column-choice.tsx";
import { onRefreshKey } from "../parts/keyboard.tsx";
import { StateShape } from "../parts/marks.tsx";
import { place, withQuery } from "../parts/router.ts";
import { ScanLine } from "../parts/scan-controls.tsx";
import { Pages } from "../parts/pages.tsx";
import { Shell } from "../parts/shell.tsx";
import { Empty, NotLoaded, PasteLine } from "../parts/states.tsx";
import { TaskTable } from "../parts/task-table.tsx";
import { compact, number } from "../parts/words.ts";

const PAGE = 50;
export function TasksPage({ name }: { readonly name: string }) {
  const { query } = place.value;
  const find = query.get("find") ?? "";
  const tab = query.get("state");
  const state = tab !== null && isState(tab) ? tab : null;
  const cursor = query.get("cursor");
  const scan = useMemo(() => scanOf(name, find, state), [name, find, state]);
  const [reloads, setReloads] = useState(0);
  const key = `tasks ${name} ${find} ${state ?? ""} ${cursor ?? ""} ${reloads}`;
  const [further, setFurther] = useState<{ readonly key: string; readonly result: ScanResult } | null>(null);
  const [progress, setProgress] = useState(0);
  const page = useLive<ScanResult>(
    key,
    (abort) => (find === "" ? onePage(name, state, cursor, abort) : scanTasks(scan, PAGE, null, abort, tell)),
    null,
  );
  const tell = ({ lookedAt }: ScanResult): void => setProgress(lookedAt);
  const result = further?.key === key ? further.result : page.value;

  const reload = (): void => setReloads((times) => times + 1);
  useEffect(() => onRefreshKey(reload));
  const [selected, setSelected] = useState<ReadonlyMap<string, WireBrowsedTask>>(new Map());
  useEffect(() => setSelected(new Map()), [name, find, state]);
  const select = (ids: readonly string[], isSelected: boolean): void => {
    const next = new Map(selected);
    for (const task of result?.matches ?? []) {
      if (!ids.includes(task.id)) continue;
      if (isSelected) next.set(task.id, task);
      else next.delete(task.id);
    }
    setSelected(next);
  };
  const after = (): void => {
    setSelected(new Map());
    reload();
  };
  const columns = chosenColumns();
  const canManage = may("manage", name);

  return (
    <Shell title={`Tasks of ${name}`} queue={name}>
      <h1 class="hidden">Tasks of {name}</h1>
      <StateTabs name={name} state={state} loadedKey={key} isLoaded={page.value !== null} onNew={reload} />
      {find === "" ? null : (
        <p class="found">
          {result === null ? (
            <span role="status">Looked at {number(progress)} tasks…</span>
          ) : (
            <ScanLine scan={scan} page={PAGE} result={result} onMore={(more) => setFurther({ key, result: more })} />
          )}
        </p>
      )}
      <div class="over-table">
        {selected.size > 0 ? (
          <BulkActions
            queue={name}
            tasks={[...selected.values()]}
            onDone={after}
            onClear={() => setSelected(new Map())}
          />
        ) : null}
        {canManage && result !== null && result.matches.length > 0 ? (
          <AllThatMatch scan={scan} shown={result.matches} onDone={after} />
        ) : null}
        <ColumnChoice />
      </div>
      {result === null ? <NotLoaded error={page.error} /> : null}
      {result === null ? null : result.matches.length === 0 ? (
        <NoTasks name={name} find={find} state={state} isWhole={result.cursor === null} isFirst={cursor === null} />
      ) : (
        <TaskTable
          queue={name}
          label={`Tasks of ${name}`}
          tasks={result.matches}
          columns={columns}
          selected={canManage ? new Set(selected.keys()) : null}
          onSelect={select}
        />
      )}
      {find === "" && result !== null ? <Pages cursor={cursor} next={result.cursor} size={PAGE} /> : null}
    </Shell>
  );
}

function isState(text: string): text is WireTaskState {
  return text === "ready" || text === "delayed" || text === "claimed" || text === "dead";
}

async function onePage(
  queue: string,
  state: WireTaskState | null,
  cursor: string | null,
  abort: AbortSignal,
): Promise<ScanResult> {
  const body = { limit: PAGE, ...(state === null ? {} : { state }), ...(cursor === null ? {} : { cursor }) };
  const page = await tasksWithAttempts(queue, "browse", body, abort);
  return { matches: page.tasks, lookedAt: page.tasks.length, cursor: page.cursor };
}

interface StateTabsProps {
  readonly name: string;
  readonly state: WireTaskState | null;
  readonly loadedKey: string;
  readonly isLoaded: boolean;
  readonly onNew: () => void;
}

/** Tabs with counts that move, and how many more there are than when the list was loaded. */
function StateTabs({ name, state, loadedKey, isLoaded, onNew }: StateTabsProps) {
  const { value } = useQueue(name);
  const stats = value?.stats ?? null;
  const total = stats === null ? null : stats.ready + stats.delayed + stats.claimed + stats.dead;
  const here = stats === null ? null : state === null ? total : stats[state];
  const atLoad = useRef<{ readonly key: string; readonly count: number } | null>(null);
  if (isLoaded && here !== null && atLoad.current?.key !== loadedKey) atLoad.current = { key: loadedKey, count: here };
  const fresh = here === null || atLoad.current === null || !isLoaded ? 0 : here - atLoad.current.count;
  const tabs = [null, "ready", "delayed", "claimed", "dead"] as const;
  return (
    <nav class="states" aria-label="Tasks by state">
      {tabs.map((tab) => (
        <a
          key={tab ?? "all"}
          href={withQuery({ state: tab, cursor: null })}
          aria-current={tab === state ? "page" : undefined}
        >
          {tab === null ? "all" : <StateShape state={tab} />} {tab ?? ""}
          <b>{stats === null || total === null ? "" : compact(tab === null ? total : stats[tab])}</b>
        </a>
      ))}
      {fresh > 0 ? (
        <button type="button" class="new" onClick={onNew}>
          {number(fresh)} new
        </button>
      ) : null}
    </nav>
  );
}

interface NoTasksProps {
  readonly name: string;
  readonly find: string;
  readonly state: WireTaskState | null;
  readonly isWhole: boolean;
  readonly isFirst: boolean;
}

function NoTasks({ name, find, state, isWhole, isFirst }: NoTasksProps) {
  if (find !== "") {
    return (
      <Empty title={isWhole ? "No task matches" : "No task matches so far"}>
        <p class="muted">
          A search looks like <code>state:dead error:timeout payload.customer.id:42</code>
        </p>
      </Empty>
    );
  }
  if (!isFirst) return <Empty title="No more tasks" />;
  if (state !== null) return <Empty title={`No task is ${state}`} />;
  return (
    <Empty title="The queue is empty">
      <p>It costs nothing while it is. To enqueue a task:</p>
      <PasteLine text={`curl ${location.origin}/v1/queues/${name}/tasks --json '{"payload":"hello"}'`} />
    </Empty>
  );
}
