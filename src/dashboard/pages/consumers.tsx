// The consumers of the queue: those that hold claims or wait for tasks, and those that have since the queue woke.

import { useEffect } from "preact/hooks";
import type { WireConsumer } from "../../protocol/wire-history.ts";
import { call } from "../data/call.ts";
import { useLive } from "../data/live.ts";
import { useWatch } from "../data/watch.ts";
import { onRefreshKey } from "../parts/keyboard.tsx";
import { Time } from "../parts/marks.tsx";
import { queueHref } from "../parts/router.ts";
import { Shell } from "../parts/shell.tsx";
import { Empty, NotLoaded, PasteLine } from "../parts/states.tsx";
import { numbers, Table } from "../parts/table.tsx";
import { count, number } from "../parts/words.ts";

const EVERY_MS = 5_000;
const MOST = 1_000;
const NUMBERS = ["Holds", "Waiting", "Acked", "Acked / min", "Failed", "Failed / min"];

export function ConsumersPage({ name }: { readonly name: string }) {
  const { value, error, refresh } = useLive(
    `consumers ${name}`,
    (abort) => call(name, "listConsumers", { limit: MOST }, abort),
    EVERY_MS,
    useWatch(name),
  );
  useEffect(() => onRefreshKey(refresh));
  const consumers = value?.consumers ?? [];
  return (
    <Shell title={`Consumers of ${name}`} queue={name}>
      <h1>Consumers</h1>
      {value === null ? <NotLoaded error={error} /> : null}
      {value !== null && consumers.length === 0 ? (
        <Empty title="Nobody works on this queue">
          <p>No consumer holds a task or waits for one, and none has since the queue woke. To start one:</p>
          <PasteLine text={`npx edgeq --url ${location.origin} work ${name} ./handle.sh`} />
        </Empty>
      ) : null}
      {consumers.length === 0 ? null : (
        <>
          <p class="muted">
            {count(consumers.length, "consumer")}
            {value?.more === true ? " or more" : ""}. Acked and failed are counted since the queue woke.
          </p>
          <Table label="Consumers" heads={["Claimant", ...numbers(...NUMBERS), "Since", "Last seen"]}>
            {consumers.map((consumer) => (
              <Row key={consumer.claimant} queue={name} consumer={consumer} />
            ))}
          </Table>
        </>
      )}
    </Shell>
  );
}

function Row({ queue, consumer }: { readonly queue: string; readonly consumer: WireConsumer }) {
  const { claimant, sinceAt, lastSeenAt, claims, waiting } = consumer;
  const { acked, failed, ackedPerMinute, failedPerMinute } = consumer;
  return (
    <tr>
      <td>
        {claimant === null ? (
          <span class="muted">without a name</span>
        ) : (
          <a
            class="row-link"
            href={queueHref(queue, "tasks", { find: `state:claimed claimant:${JSON.stringify(claimant)}` })}
          >
            {claimant}
          </a>
        )}
      </td>
      {[claims, waiting, acked, ackedPerMinute, failed, failedPerMinute].map((value, at) => (
        <td key={NUMBERS[at]} class={`number ${value === 0 ? "zero" : ""}`} data-title={NUMBERS[at]}>
          {number(value)}
        </td>
      ))}
      <td data-title="Since">{sinceAt === null ? <span class="muted">–</span> : <Time at={sinceAt} />}</td>
      <td data-title="Last seen">
        <Time at={lastSeenAt} />
      </td>
    </tr>
  );
}
