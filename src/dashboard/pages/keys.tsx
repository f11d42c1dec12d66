// The keys of a queue: how much of each waits and is claimed, what holds it back, and what is set for it alone.

import { useEffect } from "preact/hooks";
import type { WireKey } from "../../protocol/wire-key.ts";
import { call } from "../data/call.ts";
import { heldBackBy, setFor } from "../data/key-words.ts";
import { useLive } from "../data/live.ts";
import { may } from "../data/session.ts";
import { useWatch } from "../data/watch.ts";
import { now } from "../parts/clock.ts";
import { KeyActions } from "../parts/key-actions.tsx";
import { onRefreshKey } from "../parts/keyboard.tsx";
import { Pages } from "../parts/pages.tsx";
import { place, queueHref, withQuery } from "../parts/router.ts";
import { Shell } from "../parts/shell.tsx";
import { Empty, NotLoaded, PasteLine } from "../parts/states.tsx";
import { numbers, Table } from "../parts/table.tsx";
import { number } from "../parts/words.ts";

/** Each look counts up to 1,000 tasks of each key. ms. */
const EVERY_MS = 10_000;
const PAGE = 100;
const NUMBERS = ["Ready", "Delayed", "Claimed"];
const ACTIONS = { title: "Actions", is: "hidden" } as const;

export function KeysPage({ name }: { readonly name: string }) {
  const { query } = place.value;
  const cursor = query.get("cursor");
  const isHeldBack = query.get("limited") !== null;
  const body = {
    limit: PAGE,
    ...(isHeldBack ? { limited: "any" as const } : {}),
    ...(cursor === null ? {} : { cursor }),
  };
  const { value, error, refresh } = useLive(
    `keys ${name} ${isHeldBack ? "held back" : ""} ${cursor ?? ""}`,
    (abort) => call(name, "listKeys", body, abort),
    EVERY_MS,
    useWatch(name),
  );
  useEffect(() => onRefreshKey(refresh));
  const next = value?.cursor ?? null;
  const keys = value === null || cursor !== null || next !== null ? (value?.keys ?? []) : byBacklog(value.keys);
  return (
    <Shell title={`Keys of ${name}`} queue={name}>
      <div class="head">
        <h1>Keys</h1>
        <nav class="actions" aria-label="Which keys">
          {[false, true].map((held) => (
            <a
              key={String(held)}
              class="button"
              href={withQuery({ limited: held ? "any" : null, cursor: null })}
              aria-current={held === isHeldBack ? "true" : undefined}
            >
              {held ? "held back" : "all"}
            </a>
          ))}
        </nav>
      </div>
      {value === null ? <NotLoaded error={error} /> : null}
      {value !== null && keys.length === 0 ? (
        <NoKeys name={name} isHeldBack={isHeldBack} isEnd={next === null} />
      ) : null}
      {keys.length === 0 ? null : <KeyTable queue={name} keys={keys} onDone={refresh} />}
      {value === null ? null : <Pages cursor={cursor} next={next} size={PAGE} />}
    </Shell>
  );
}

/** Of the only page, the key with most tasks waiting first: who floods the queue. Others are in the order of the pages. */
function byBacklog(keys: readonly WireKey[]): readonly WireKey[] {
  return keys.toSorted((a, b) => b.ready + b.delayed - (a.ready + a.delayed));
}

interface NoKeysProps {
  readonly name: string;
  readonly isHeldBack: boolean;
  readonly isEnd: boolean;
}

function NoKeys({ name, isHeldBack, isEnd }: NoKeysProps) {
  if (isHeldBack) {
    return (
      <Empty title={isEnd ? "Nothing holds a key back" : "None of these keys is held back"}>
        <p>A key is held back by its order, its limits, a pause, or a dead task.</p>
      </Empty>
    );
  }
  if (place.value.query.get("cursor") !== null) return <Empty title="No more keys" />;
  return (
    <Empty title="No task has a key">
      <p>
        With keys, tenants share a queue by turns, orders stay in order, and hosts keep their limits. To give a task
        one:
      </p>
      <PasteLine
        text={`curl ${location.origin}/v1/queues/${name}/tasks --json '{"payload":"hello","key":"tenant-42"}'`}
      />
    </Empty>
  );
}

interface KeyTableProps {
  readonly queue: string;
  readonly keys: readonly WireKey[];
  readonly onDone: () => void;
}

function KeyTable({ queue, keys, onDone }: KeyTableProps) {
  const canManage = may("manage", queue);
  return (
    <Table
      label="Keys"
      heads={["Key", ...numbers(...NUMBERS), "Held back by", "Set for it", ...(canManage ? [ACTIONS] : [])]}
    >
      {keys.map((state) => (
        <tr key={state.key}>
          <td>
            <a class="row-link" href={queueHref(queue, "tasks", { find: `key:${JSON.stringify(state.key)}` })}>
              {state.key}
            </a>
          </td>
          {[state.ready, state.delayed, state.claimed].map((value, at) => (
            <td key={NUMBERS[at]} class={`number ${value === 0 ? "zero" : ""}`} data-title={NUMBERS[at]}>
              {number(value)}
              {state.hasMore && at < 2 && value > 0 ? "+" : ""}
            </td>
          ))}
          <td class="of-limit">{heldBackBy(state, now.value)}</td>
          <td data-title="Set for it">{setFor(state.override)}</td>
          {canManage ? (
            <td class="of-actions">
              <KeyActions queue={queue} state={state} onDone={onDone} />
            </td>
          ) : null}
        </tr>
      ))}
    </Table>
  );
}
