// P10, and the counts: an id is written once, and a queue's stats are what it holds.

import { placeOf, type Check, type Violation } from "./cases.ts";

/** P10: an id that exists, or was finished within the dedupe window, is answered as the duplicate that it is. */
export const repeated: Check = ({ lives, places }) => {
  const violations: Violation[] = [];
  let checked = 0;
  const byPlace = Map.groupBy(
    lives.writes.filter((write) => write.hasOwnId),
    placeOf,
  );
  for (const [place, writes] of byPlace) {
    checked += 1;
    const written = writes.filter((write) => write.outcome === "done" && write.modify === null);
    if (written.length > 1)
      violations.push({
        promise: "P10",
        text: `${place} was written more than once: ${written.map((write) => write.n).join(", ")}`,
      });
    const tokens = new Set((places.get(place) ?? []).map((delivery) => delivery.token));
    if (tokens.size > 1)
      violations.push({ promise: "P10", text: `${place} was several tasks: ${[...tokens].join(", ")}` });
    for (const write of writes) {
      const isFirst = !writes.some(
        (other) => other !== write && other.outcome !== "refused" && other.sentAt < write.answeredAt,
      );
      if (write.outcome === "duplicate" && isFirst)
        violations.push({
          promise: "P10",
          text: `${place}: ${write.n} was answered as a duplicate, and was the first`,
        });
      if (
        write.outcome === "duplicate" &&
        tokens.has(write.token) &&
        written.some(({ token }) => token !== write.token)
      )
        violations.push({
          promise: "P10",
          text: `${place}: ${write.n} was a duplicate, and its payload was delivered`,
        });
    }
  }
  return { violations, checked };
};

/** What a queue says that it holds is what browsing it shows. */
export const truthful: Check = ({ lives }) => {
  const violations: Violation[] = [];
  for (const { queue, said } of lives.stats) {
    for (const state of ["ready", "delayed", "claimed", "dead"]) {
      const shown = lives.left.filter((task) => task.queue === queue && task.state === state).length;
      if (said[state] !== shown)
        violations.push({
          promise: "counts",
          text: `${queue} counts ${String(said[state])} ${state} tasks and shows ${shown}`,
        });
    }
    if (said["outbox"] !== 0)
      violations.push({
        promise: "P9",
        text: `${queue} still owes ${String(said["outbox"])} messages to other queues`,
      });
  }
  return { violations, checked: lives.stats.length * 5 };
};
