// A task's life as a line of stations with their times, the present one marked. Of earlier attempts it shows how many there were and
// when the last ended; attempt-list.tsx has each of them.

import type { WireBrowsedTask, WireOrigin } from "../../protocol/wire-task.ts";
import { diedAtOf } from "../data/dead-groups.ts";
import { Time } from "./marks.tsx";
import { count, span } from "./words.ts";

interface Station {
  readonly name: string;
  readonly at: number | null;
  readonly note: string;
  readonly isHere: boolean;
}

export function LifeLine({ task }: { readonly task: WireBrowsedTask }) {
  return (
    <ol class="life" aria-label="The task's life">
      {stationsOf(task).map(({ name, at, note, isHere }) => (
        <li key={name} aria-current={isHere ? "step" : undefined} class={isHere ? `here ${task.state}` : ""}>
          <b>{name}</b>
          <span>{at === null ? "" : <Time at={at} />}</span>
          <span class="muted">{note}</span>
        </li>
      ))}
    </ol>
  );
}

function stationsOf(task: WireBrowsedTask): readonly Station[] {
  const { origin } = task;
  return origin !== null && task.state === "ready" ? deadLetterStationsOf(task, origin) : ownStationsOf(task);
}

/** In a dead-letter queue a task is ready, but waits for a person and not for a consumer. */
function deadLetterStationsOf(task: WireBrowsedTask, origin: WireOrigin): readonly Station[] {
  const times = count(origin.attempts, "attempt");
  return [
    { name: "Enqueued", at: origin.enqueuedAt, note: `in ${origin.queue}`, isHere: false },
    { name: "Died", at: origin.diedAt, note: `after ${times}`, isHere: false },
    { name: "Waits here", at: task.enqueuedAt, note: "", isHere: true },
    { name: "Redriven", at: null, note: `to ${origin.queue}`, isHere: false },
  ];
}

function ownStationsOf(task: WireBrowsedTask): readonly Station[] {
  const { state, attempts, maxAttempts, enqueuedAt, visibleAt, claimedAt, claimedUntil, claimant, pastAttempts } = task;
  const failed = state === "claimed" ? attempts - 1 : attempts;
  const of = maxAttempts === null ? "" : ` of ${maxAttempts}`;
  const stations: Station[] = [{ name: "Enqueued", at: enqueuedAt, note: "", isHere: false }];
  if (failed > 0 && state !== "dead") {
    const last = pastAttempts?.findLast(({ outcome }) => outcome === "failed" || outcome === "expired");
    stations.push({
      name: "Failed",
      at: last?.endedAt ?? null,
      note: `${count(failed, "attempt")}${of}`,
      isHere: false,
    });
  }
  switch (state) {
    case "delayed":
      stations.push({
        name: attempts > 0 ? "Waits for its retry" : "Scheduled",
        at: visibleAt,
        note: span(visibleAt - enqueuedAt),
        isHere: true,
      });
      break;
    case "ready":
      stations.push({ name: "Ready", at: visibleAt, note: "", isHere: true });
      break;
    case "claimed":
      stations.push({ name: "Ready", at: visibleAt, note: "", isHere: false });
      stations.push({
        name: "Claimed",
        at: claimedAt ?? null,
        note: `attempt ${attempts}${of}${claimant === null ? "" : `, by ${claimant}`}`,
        isHere: true,
      });
      stations.push({ name: "Claim ends", at: claimedUntil, note: "", isHere: false });
      return stations;
    case "dead":
      stations.push({ name: "Dead", at: diedAtOf(task), note: `after ${count(attempts, "attempt")}`, isHere: true });
      return stations;
  }
  stations.push({ name: "Claimed", at: null, note: `attempt ${attempts + 1}${of}`, isHere: false });
  stations.push({ name: "Done", at: null, note: "", isHere: false });
  return stations;
}
