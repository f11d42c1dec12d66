// K2: tasks of an ordered key are given in the order of (visibleAt, arrival), and nothing overtakes a task that is not finished:
// one that waits for its retry, nor, where the order is strict, one that is dead.

import { isCommit, mayBeUnheard, placeOf, type Case, type Check, type Violation } from "./cases.ts";
import { givenByKey } from "./key-limits.ts";
import { LATE_MS, type Delivery, type Settlement, type Write } from "./lives.ts";

/** A task in its key's line. The instants are the first at which it may have happened; Infinity: it has not. */
interface InLine {
  readonly write: Write;
  readonly visibleAt: number;
  /** It has another place from now on, or another line. */
  readonly changedAt: number;
  readonly diedAt: number;
  /** It holds up nothing any more: it is done, cancelled, changed or, in a fifo order, dead. */
  readonly leftAt: number;
}

/** How many of the tasks before one are looked at: what stands further in front was overtaken by nearer ones too. */
const LOOK_BACK = 300;

/** Counted are pairs of which the later was written before the earlier had left. */
export const inOrder: Check = (history) => {
  const violations: Violation[] = [];
  let checked = 0;
  const given = givenByKey(history);
  for (const [name, line] of linesOf(history)) {
    const ofKey = given.get(name) ?? [];
    const indexes = new Map(line.map(({ write }, index) => [placeOf(write), index]));
    const inCall = new Map(ofKey.map((delivery) => [`${delivery.call} ${placeOf(delivery)}`, delivery.index]));
    for (const next of ofKey) {
      const index = indexes.get(placeOf(next));
      const own = index === undefined ? undefined : line[index];
      if (index === undefined || own === undefined || own.changedAt <= next.heardAt) continue;
      for (const before of line.slice(Math.max(0, index - LOOK_BACK), index)) {
        if (!isSurelyBefore(history, before, own, next)) continue;
        if (before.leftAt > own.write.sentAt) checked += 1;
        if (before.leftAt <= next.heardAt || mayHaveDiedUnheard(history, before, next)) continue;
        // One call may take several in a row.
        const taken = inCall.get(`${next.call} ${placeOf(before.write)}`);
        if (taken !== undefined && taken < next.index) continue;
        violations.push({
          promise: "K2",
          text: `${name}: ${placeOf(before.write)}, visible at ${before.visibleAt}, was overtaken by ${next.id}, visible at ${own.visibleAt}, as ${next.claim}`,
        });
      }
    }
  }
  return { violations, checked };
};

/** "queue key" of what is ordered -> its tasks by when they became visible, and among equals by their calls. */
function linesOf(history: Case): ReadonlyMap<string, readonly InLine[]> {
  const { settings, writes } = history.lives;
  const ordered = writes.filter(
    ({ queue, key, outcome, modify }) =>
      key !== null && outcome === "done" && modify === null && (settings[queue]?.keys?.order ?? "none") !== "none",
  );
  const byKey = Map.groupBy(ordered, ({ queue, key }) => `${queue} ${key}`);
  return new Map(
    [...byKey].map(([name, ofKey]) => [
      name,
      ofKey
        .map((write) => inLine(history, write))
        .toSorted(
          (one, other) =>
            one.visibleAt - other.visibleAt ||
            one.write.sentAt - other.write.sentAt ||
            one.write.index - other.write.index,
        ),
    ]),
  );
}

function inLine(history: Case, write: Write): InLine {
  const { settings } = history.lives;
  const place = placeOf(write);
  const deliveries = history.places.get(place) ?? [];
  const settlements = [
    ...(history.settlementsOfPlace.get(place) ?? []),
    ...deliveries.flatMap(({ claim }) => history.settlementsOfClaim.get(claim) ?? []),
  ].filter(({ outcome }) => outcome !== "refused");
  const first = (is: (settlement: Settlement) => boolean): number =>
    Math.min(Infinity, ...settlements.filter(is).map(({ sentAt }) => sentAt));
  const changedAt = first(({ how }) => how === "change" || how === "keep");
  const { maxAttempts = Infinity, keys } = settings[write.queue] ?? {};
  const last = deliveries.find(({ attempts }) => attempts >= maxAttempts);
  const diedAt = Math.min(
    first(({ how }) => how === "bury"),
    last === undefined ? Infinity : Math.max(last.sentAt, last.heardAt - LATE_MS),
  );
  const leftAt = Math.min(changedAt, first(isCommit), keys?.order === "strict" ? Infinity : diedAt);
  return { write, visibleAt: write.visibleAt ?? 0, changedAt, diedAt, leftAt };
}

/** Whether the one was there when the other was given, and its place is before the other's. */
function isSurelyBefore({ clock }: Case, one: InLine, other: InLine, next: Delivery): boolean {
  const isOfOneCall = one.write.n === other.write.n;
  const cameFirst = isOfOneCall ? one.write.index < other.write.index : one.write.answeredAt < other.write.sentAt;
  const wasThere = isOfOneCall || cameFirst || clock.latest(one.write.answeredAt) < next.claimedAt;
  // One that has died is redriven to where it arrived, which is sooner if it was delayed.
  const { visibleAt } = other;
  const otherAt = other.diedAt <= next.heardAt ? Math.min(visibleAt, clock.earliest(other.write.sentAt)) : visibleAt;
  return wasThere && (one.visibleAt < otherAt || (one.visibleAt === otherAt && cameFirst));
}

/** In a strict order the dead hold up what comes after them. */
function mayHaveDiedUnheard(history: Case, { write }: InLine, next: Delivery): boolean {
  const { settings } = history.lives;
  return (
    settings[write.queue]?.keys?.order === "fifo" && mayBeUnheard(history, write.queue, write.sentAt, next.heardAt)
  );
}
