// P7 and P11: never before its time, and in the order in which tasks became visible.

import { mayBeUnheard, placeOf, type Case, type Check, type Violation } from "./cases.ts";
import type { Delivery, Write } from "./lives.ts";

/** P7: no claim is before the instant from which the task may be claimed, after its expiry, or shorter than was asked. */
export const timely: Check = (history) => {
  const violations: Violation[] = [];
  let checked = 0;
  const wrong = (text: string): void => void violations.push({ promise: "P7", text });
  const writes = firstWrites(history);
  for (const [place, deliveries] of history.places) {
    for (const [index, delivery] of deliveries.entries()) {
      checked += 1;
      const { claim, claimedAt, visibleAt, expiresAt, heardAt, sentAt } = delivery;
      const write = writes.get(delivery.token);
      // A request that the network repeated may have written two tasks, of which the answer names one.
      const isAnswered = delivery.version === 2 && write?.id === delivery.id;
      const visibleAsWritten = isAnswered ? (write.visibleAt ?? 0) : 0;
      if (claimedAt < Math.max(visibleAt, visibleAsWritten))
        wrong(`${place} was claimed by ${claim} at ${claimedAt}, and was not to be visible before ${visibleAt}`);
      if (expiresAt !== null && claimedAt >= expiresAt)
        wrong(`${place} was claimed by ${claim} at ${claimedAt}, and had expired at ${expiresAt}`);
      if (claimedAt > history.clock.latest(heardAt))
        wrong(`${place}: ${claim} lasts longer than was asked for, from ${claimedAt}`);
      if (sentAt > 0 && claimedAt < history.clock.earliest(sentAt))
        wrong(`${place}: ${claim} is shorter than was asked for, from ${claimedAt}`);
      for (const { how, outcome, delayMs, sentAt: nackedAt } of history.settlementsOfClaim.get(claim) ?? []) {
        const next = deliveries[index + 1];
        // What died of it, and was redriven, waits no longer.
        if ((how !== "nack" && how !== "release") || outcome !== "done" || delayMs === null || next === undefined)
          continue;
        if (how === "nack" && next.attempts <= delivery.attempts) continue;
        if (next.claimedAt < history.clock.earliest(nackedAt) + delayMs)
          wrong(`${place} was claimed by ${next.claim} within the ${delayMs} ms for which ${claim} had given it back`);
      }
    }
  }
  return { violations, checked };
};

/** How many of the deliveries after one are looked at: what overtakes does so by little, or stands out anyway. */
const LOOK_AHEAD = 300;

/**
 * P11: of two tasks of one lane, both there and visible, the one of the higher priority is delivered first, and of one priority
 * the one that became visible first.
 * Looked at are tasks that nobody had before, while the server's clock ran straight on, and while nothing was lost.
 */
export const ordered: Check = (history) => {
  const violations: Violation[] = [];
  let checked = 0;
  const writes = firstWrites(history);
  const lines = Map.groupBy(
    // Keys take turns: their order is another check's.
    history.lives.deliveries.filter(
      ({ version, token, key }) => version === 2 && key === null && writes.get(token)?.outcome === "done",
    ),
    ({ queue, lane }) => `${queue} ${lane}`,
  );
  for (const line of lines.values()) {
    const sorted = line.toSorted((one, other) => one.claimedAt - other.claimedAt);
    for (const [index, first] of sorted.entries()) {
      const write = writes.get(first.token);
      if (write === undefined) continue;
      const asked = Math.max(first.sentAt, write.sentAt);
      for (const later of sorted.slice(index + 1, index + 1 + LOOK_AHEAD)) {
        const earlierWrite = writes.get(later.token);
        if (earlierWrite === undefined || later.claimedAt === first.claimedAt || earlierWrite.answeredAt >= asked)
          continue;
        const wasVisible = later.visibleAt <= history.clock.earliest(asked);
        const isOneEra = history.clock.era(earlierWrite.sentAt) === history.clock.era(later.heardAt);
        if (!wasVisible || !isOneEra || mayBeUnheard(history, later.queue, earlierWrite.sentAt, later.heardAt))
          continue;
        checked += 1;
        if (isBefore(later, earlierWrite, first, write))
          violations.push({
            promise: "P11",
            text: `${placeOf(later)}, visible at ${later.visibleAt}, was overtaken by ${placeOf(first)}, visible at ${first.visibleAt}`,
          });
      }
    }
  }
  return { violations, checked };
};

function isBefore(one: Delivery, oneWrite: Write, other: Delivery, otherWrite: Write): boolean {
  if (one.priority !== other.priority) return one.priority > other.priority;
  if (one.visibleAt !== other.visibleAt) return one.visibleAt < other.visibleAt;
  return oneWrite.isPlain && otherWrite.isPlain && oneWrite.answeredAt < otherWrite.sentAt;
}

function firstWrites({ lives }: Case): ReadonlyMap<string, Write> {
  const writes = new Map<string, Write>();
  // Of several calls with one id the first that was answered as written says when it became visible.
  for (const write of lives.writes)
    if (write.outcome === "done" && write.modify === null && !writes.has(write.token)) writes.set(write.token, write);
  return writes;
}
