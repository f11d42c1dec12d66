// K1: a key is never given more than its concurrency, its rate or a pause allows. What was given and never heard of counts for
// nothing, so that what is found here was surely too much.

import { deadlines, isInTime, mayHaveEnded, placeOf, type Case, type Check, type Violation } from "./cases.ts";
import { LATE_MS, type Delivery } from "./lives.ts";

/** What was given of each key, in the order of the server's time, by "queue key". */
export function givenByKey({ lives }: Case): ReadonlyMap<string, readonly Delivery[]> {
  const keyed = lives.deliveries.filter(({ key }) => key !== null);
  const byKey = Map.groupBy(keyed, ({ queue, key }) => `${queue} ${key}`);
  return new Map(
    [...byKey].map(([name, given]) => [
      name,
      given.toSorted(
        (one, other) => one.claimedAt - other.claimedAt || one.heardAt - other.heardAt || one.index - other.index,
      ),
    ]),
  );
}

/** At no instant more claims of a key than its concurrency; where there is an order, of one call at a time. */
export const limited: Check = (history) => {
  const violations: Violation[] = [];
  let checked = 0;
  for (const [name, given] of givenByKey(history)) {
    const { order = "none", concurrency = null } = history.lives.settings[given[0]?.queue ?? ""]?.keys ?? {};
    if (order === "none" && concurrency === null) continue;
    let unexpired: Delivery[] = [];
    for (const next of given) {
      unexpired = unexpired.filter((held) => deadlines(history, held, next.claimedAt).earliest > next.claimedAt);
      const held = unexpired.filter(
        (before) => !mayHaveEnded(history, before, next.heardAt) && isInTime(history, before, next),
      );
      unexpired.push(next);
      checked += 1;
      const others = held.filter(({ call }) => call !== next.call);
      const text = `${name}: ${next.claim} of ${next.id} was given beside ${held.map(({ claim }) => claim).join(", ")}`;
      if (concurrency !== null && held.length >= concurrency) violations.push({ promise: "K1", text });
      else if (order !== "none" && others.length > 0) violations.push({ promise: "K2", text });
    }
  }
  return { violations, checked };
};

/** Over any window no more attempts than the rate allows: a bucket that leaks at the rate never runs over. */
export const paced: Check = (history) => {
  const violations: Violation[] = [];
  let checked = 0;
  for (const [name, given] of givenByKey(history)) {
    const rate = history.lives.settings[given[0]?.queue ?? ""]?.keys?.rate ?? null;
    if (rate === null) continue;
    let level = 0;
    let last = 0;
    for (const { claimedAt, claim } of given) {
      level = Math.max(0, level - ((claimedAt - last) * rate.limit) / rate.periodMs) + 1;
      last = claimedAt;
      checked += 1;
      if (level > rate.burst + ROUNDING)
        violations.push({ promise: "K1", text: `${name}: ${claim} was given beyond the rate, ${level} in the bucket` });
    }
  }
  return { violations, checked };
};

/** Sums of fractions. */
const ROUNDING = 1e-6;

/** Nothing of a key is given while it is surely paused. */
export const paused: Check = (history) => {
  const violations: Violation[] = [];
  let checked = 0;
  const given = givenByKey(history);
  const changes = Map.groupBy(history.lives.keyChanges, ({ queue, key }) => `${queue} ${key}`);
  for (const [name, ofKey] of changes) {
    for (const pause of ofKey.filter((change) => change.paused && change.outcome === "done")) {
      checked += 1;
      // One that was sent before may be taken after.
      const ends = ofKey.filter(
        (other) => !other.paused && other.outcome !== "refused" && other.sentAt > pause.sentAt - LATE_MS,
      );
      const from = history.clock.latest(pause.answeredAt);
      const until = Math.min(Infinity, ...ends.map(({ sentAt }) => history.clock.earliest(sentAt)));
      const one = given.get(name)?.find(({ claimedAt }) => claimedAt > from && claimedAt < until);
      if (one !== undefined)
        violations.push({ promise: "K1", text: `${placeOf(one)} was given by ${one.claim} while ${name} was paused` });
    }
  }
  return { violations, checked };
};
