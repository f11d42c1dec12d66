// P3 and P4: one unexpired claim at a time, and only the claim that is held settles its task.

import { deadlines, isEnd, isInTime, mayHaveEnded, placeOf, type Check, type Violation } from "./cases.ts";

/** P3: a task is given to a second holder only after the first claim's deadline, or its end by whoever held it. */
export const exclusive: Check = (history) => {
  const violations: Violation[] = [];
  let checked = 0;
  for (const [place, deliveries] of history.places) {
    for (const [index, next] of deliveries.entries()) {
      const held = deliveries[index - 1];
      if (held === undefined) continue;
      checked += 1;
      const { earliest } = deadlines(history, held, next.claimedAt);
      if (next.claimedAt >= earliest || mayHaveEnded(history, held, next.heardAt)) continue;
      if (!isInTime(history, held, next)) continue;
      violations.push({
        promise: "P3",
        text: `${place} was claimed by ${next.claim} at ${next.claimedAt}, while ${held.claim} held it until ${earliest}`,
      });
    }
  }
  return { violations, checked };
};

/** P4: what is settled with a lost claim, or at a stale version, is refused. */
export const fenced: Check = (history) => {
  const violations: Violation[] = [];
  let checked = 0;
  const { writes, deliveries, sightings } = history.lives;
  const known = new Set([...writes, ...deliveries, ...sightings].map((task) => placeOf(task)));
  for (const settlement of history.lives.settlements) {
    if (settlement.outcome !== "done") continue;
    const { claim, id, version, queue, sentAt, how, n } = settlement;
    const held = claim === null ? undefined : history.byClaim.get(claim);
    const place = placeOf({ queue, id: held?.id ?? id });
    const least = held?.version ?? version;
    if (least === null) continue;
    checked += 1;
    if (claim === null && !known.has(place)) {
      violations.push({ promise: "P4", text: `${place}: ${how} ${n} succeeded, and nobody wrote such a task` });
      continue;
    }
    const newer = history.places.get(place)?.find((other) => other.version > least && other.heardAt < sentAt);
    if (newer !== undefined) {
      violations.push({
        promise: "P4",
        text: `${place}: ${how} ${n} succeeded at version ${least}, after ${newer.claim} had taken version ${newer.version}`,
      });
    } else if (held !== undefined) {
      const { latest } = deadlines(history, held, Infinity);
      const earliestNow = history.clock.earliest(sentAt);
      if (earliestNow > latest && isEnd(settlement))
        violations.push({
          promise: "P4",
          text: `${place}: ${how} ${n} succeeded at ${earliestNow} or later, after ${held.claim} had run out at ${latest}`,
        });
    }
  }
  return { violations, checked };
};
