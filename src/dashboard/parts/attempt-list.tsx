// The attempts at a task as the rows of a table, the latest first: how long it had waited, when and by whom it was claimed, how long
// that lasted, and how it ended.

import type { WireAttempt, WireBrowsedTask } from "../../protocol/wire-task.ts";
import { PUBLIC_LIMITS } from "../../protocol/limits.ts";
import { now } from "./clock.ts";
import { Time } from "./marks.tsx";
import { numbers, Table } from "./table.tsx";
import { span } from "./words.ts";

/** An attempt that has ended, or the one under way. */
type Row = Omit<WireAttempt, "outcome" | "endedAt"> & {
  readonly outcome: WireAttempt["outcome"] | "claimed";
  /** null: it is under way. */
  readonly endedAt: number | null;
};

export function AttemptList({ task }: { readonly task: WireBrowsedTask }) {
  const rows = rowsOf(task);
  if (rows.length === 0) return null;
  const { pastAttempts = [], origin } = task;
  return (
    <section class="card" aria-labelledby="attempts-title">
      <header>
        <h2 id="attempts-title">Attempts</h2>
        {pastAttempts.length < PUBLIC_LIMITS.pastAttempts ? null : (
          <span class="muted">The last {PUBLIC_LIMITS.pastAttempts} that ended</span>
        )}
      </header>
      <Table
        label="Attempts, the latest first"
        name="attempts"
        heads={[...numbers("Attempt"), "Outcome", ...numbers("Waited"), "Claimed", ...numbers("Held"), "By", "Error"]}
      >
        {rows.map((row) => (
          <tr key={`${row.attempt} ${row.readyAt} ${row.endedAt}`}>
            <td class="number" data-title="Attempt">
              {row.attempt}
            </td>
            <td class={row.outcome}>
              {row.outcome}
              {origin !== null && row.endedAt !== null && row.endedAt <= origin.diedAt ? (
                <span class="muted"> in {origin.queue}</span>
              ) : null}
            </td>
            <td class="number" data-title="Waited">
              {row.claimedAt === null ? "not known" : span(row.claimedAt - row.readyAt)}
            </td>
            <td data-title="Claimed">{row.claimedAt === null ? "not known" : <Time at={row.claimedAt} />}</td>
            <td class="number" data-title="Held">
              {row.claimedAt === null ? "not known" : span((row.endedAt ?? now.value) - row.claimedAt)}
            </td>
            <td data-title="By">{row.claimant ?? <span class="muted">no name</span>}</td>
            <td class="of-error">{row.error}</td>
          </tr>
        ))}
      </Table>
    </section>
  );
}

function rowsOf({ pastAttempts = [], state, attempts, visibleAt, claimedAt, claimant }: WireBrowsedTask): Row[] {
  const past: Row[] = pastAttempts.toReversed();
  if (state !== "claimed") return past;
  const isKnown = claimedAt !== undefined;
  const underWay = { attempt: attempts, readyAt: visibleAt, claimedAt: isKnown ? claimedAt : null, claimant };
  return [{ ...underWay, outcome: "claimed", endedAt: null, error: null }, ...past];
}
