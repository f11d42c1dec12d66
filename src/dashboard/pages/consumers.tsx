// Who works on the queue now, as far as claims tell.

import { useEffect } from "preact/hooks";
import { consumersOf } from "../data/consumers.ts";
import { useLive } from "../data/live.ts";
import { scanTasks } from "../data/scan.ts";
import { onRefreshKey } from "../parts/keyboard.tsx";
import { Time } from "../parts/marks.tsx";
import { queueHref } from "../parts/router.ts";
import { Shell } from "../parts/shell.tsx";
import { Empty, Failure, PasteLine, Skeleton } from "../parts/states.tsx";
import { count, number } from "../parts/words.ts";

const EVERY_MS = 5_000;
const MOST_CLAIMS = 2_000;

export function ConsumersPage({ name }: { readonly name: string }) {
  const scan = { queue: name, state: "claimed", lane: null, isMatch: () => true } as const;
  const { value, error, refresh } = useLive(
    `consumers ${name}`,
    (abort) => scanTasks(scan, MOST_CLAIMS, null, abort),
    EVERY_MS,
  );
  useEffect(() => onRefreshKey(refresh));
  const consumers = consumersOf(value?.matches ?? []);
  return (
    <Shell title={`Consumers of ${name}`} queue={name}>
      <h1>Consumers</h1>
      {value === null ? error === null ? <Skeleton /> : <Failure error={error} /> : null}
      {value !== null && consumers.length === 0 ? (
        <Empty title="No consumer holds a task">
          <p>A consumer that waits for tasks does not show here until it gets one. To start one:</p>
          <PasteLine text={`npx edgeq --url ${location.origin} work ${name} ./handle.sh`} />
        </Empty>
      ) : null}
      {consumers.length === 0 ? null : (
        <>
          <p class="muted">
            {count(consumers.length, "consumer")} with {count(value?.matches.length ?? 0, "claim")}
            {value?.cursor === null ? "" : " and more"}. One that holds nothing at the moment does not show.
          </p>
          <div class="scroll" tabIndex={0} role="region" aria-label="Consumers">
            <table>
              <thead>
                <tr>
                  <th scope="col">Claimant</th>
                  <th scope="col" class="number">
                    Holds
                  </th>
                  <th scope="col" class="number">
                    Retries among them
                  </th>
                  <th scope="col">Next claim ends</th>
                  <th scope="col">Lanes</th>
                </tr>
              </thead>
              <tbody>
                {consumers.map(({ claimant, held, retries, nextEndsAt, lanes }) => (
                  <tr key={claimant}>
                    <td>
                      {claimant === "" ? (
                        <span class="muted">without a name</span>
                      ) : (
                        <a
                          class="row-link"
                          href={queueHref(name, "tasks", {
                            find: `state:claimed claimant:${JSON.stringify(claimant)}`,
                          })}
                        >
                          {claimant}
                        </a>
                      )}
                    </td>
                    <td class="number" data-title="Holds">
                      {number(held)}
                    </td>
                    <td class={`number ${retries === 0 ? "zero" : ""}`} data-title="Retries">
                      {number(retries)}
                    </td>
                    <td data-title="Next ends">
                      <Time at={nextEndsAt} />
                    </td>
                    <td data-title="Lanes">{lanes.join(", ")}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </>
      )}
    </Shell>
  );
}
