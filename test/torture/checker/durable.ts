// P1, P2, P5, P6 and P9: by the token in its payload, each task is somewhere or was finished, once.

import { isCommit, placeOf, type Case, type Check, type Violation } from "./cases.ts";
import type { Delivery, Settlement, Write } from "./lives.ts";

interface Fate {
  readonly writes: readonly Write[];
  readonly deliveries: readonly Delivery[];
  /** Where it was finished, by an answer that said so. */
  readonly commits: readonly { readonly place: string; readonly settlement: Settlement }[];
  /** Whether it may have been finished by a call that was never answered. */
  readonly mayBeDone: boolean;
  /** Places where it was left, with their states. */
  readonly left: readonly { readonly place: string; readonly state: string }[];
}

/** A modify whose answer was lost was made if anything that it would insert was seen. */
function isMade(settlement: Settlement, isSeen: (token: string) => boolean): boolean {
  return (
    settlement.outcome === "done" ||
    (settlement.outcome === "unknown" && (settlement.modify?.tokens.some(isSeen) ?? false))
  );
}

function fatesOf({ lives, byClaim }: Case): ReadonlyMap<string, Fate> {
  const writes = Map.groupBy(lives.writes, (write) => write.token);
  const deliveries = Map.groupBy(lives.deliveries, (delivery) => delivery.token);
  const left = Map.groupBy(lives.left, (task) => task.token);
  const isSeen = (token: string): boolean => deliveries.has(token) || left.has(token);
  const tokensAt = new Map<string, Set<string>>();
  const isAt = (place: string, token: string): void => {
    const tokens = tokensAt.get(place) ?? new Set();
    tokensAt.set(place, tokens.add(token));
  };
  for (const seen of [...lives.deliveries, ...lives.sightings]) isAt(placeOf(seen), seen.token);
  for (const write of lives.writes)
    if (write.outcome !== "duplicate" && write.outcome !== "refused") isAt(placeOf(write), write.token);

  const commits = new Map<string, { place: string; settlement: Settlement }[]>();
  const unknown = new Set<string>();
  for (const settlement of lives.settlements) {
    if (!isCommit(settlement) || settlement.outcome === "refused") continue;
    const held = settlement.claim === null ? undefined : byClaim.get(settlement.claim);
    const place = held === undefined ? placeOf(settlement) : placeOf(held);
    for (const token of held === undefined ? (tokensAt.get(place) ?? []) : [held.token]) {
      if (isMade(settlement, isSeen)) commits.set(token, [...(commits.get(token) ?? []), { place, settlement }]);
      else unknown.add(token);
    }
  }
  const fates = new Map<string, Fate>();
  for (const token of new Set([...writes.keys(), ...deliveries.keys(), ...left.keys()])) {
    fates.set(token, {
      writes: writes.get(token) ?? [],
      deliveries: deliveries.get(token) ?? [],
      commits: commits.get(token) ?? [],
      mayBeDone: unknown.has(token),
      left: (left.get(token) ?? []).map((task) => ({ place: placeOf(task), state: task.state })),
    });
  }
  return fates;
}

/** P1, P2: what was answered as written was finished, or is still there, and a finished task does not come back. */
export const kept: Check = (history) => {
  const violations: Violation[] = [];
  let checked = 0;
  for (const [token, { writes, commits, mayBeDone, left, deliveries }] of fatesOf(history)) {
    for (const { place, state } of left) {
      if (state !== "dead")
        violations.push({ promise: "P2", text: `${token} was never offered again: ${state} at ${place} to the end` });
    }
    const isWritten = writes.some((write) => write.outcome === "done");
    if (isWritten) checked += 1;
    const isGone = commits.length === 0 && !mayBeDone && left.length === 0;
    if (isWritten && isGone && !writes.some((write) => write.expires)) {
      const holders = deliveries.map((delivery) => delivery.claim).join(", ");
      violations.push({
        promise: "P2",
        text: `${token} was written and is nowhere (given to: ${holders || "nobody"})`,
      });
    }
    for (const { place, settlement } of commits) {
      if (settlement.outcome !== "done") continue;
      const after = history.clock.latest(settlement.answeredAt);
      const again = deliveries.find((delivery) => placeOf(delivery) === place && delivery.claimedAt > after);
      if (again !== undefined)
        violations.push({
          promise: "P1",
          text: `${token} at ${place} came back as ${again.claim} after ${settlement.n}`,
        });
    }
  }
  return { violations, checked };
};

/** P5, P9: a task is finished once, in one place, and is left in no second one. */
export const once: Check = (history) => {
  const violations: Violation[] = [];
  let checked = 0;
  for (const [token, { writes, commits, left }] of fatesOf(history)) {
    // A plain task whose call was sent twice, by the proxy or by a producer without ids, may be there twice.
    if (writes.some((write) => write.modify === null && !write.hasOwnId && (write.isRepeated || writes.length > 1)))
      continue;
    checked += 1;
    if (commits.length > 1) {
      const calls = commits.map(({ place, settlement }) => `${settlement.n} at ${place}`).join(", ");
      violations.push({ promise: "P5", text: `${token} was finished more than once: ${calls}` });
    } else if (commits.length + left.length > 1) {
      const places = [...commits, ...left].map(({ place }) => place).join(", ");
      violations.push({ promise: "P9", text: `${token} is in more than one place: ${places}` });
    }
  }
  return { violations, checked };
};

/** P6, and refusals of every kind: a modify is made whole or not at all, and what was refused was not written. */
export const atomic: Check = (history) => {
  const violations: Violation[] = [];
  let checked = 0;
  const fates = fatesOf(history);
  const isThere = (token: string): boolean => {
    const fate = fates.get(token);
    return fate !== undefined && (fate.deliveries.length > 0 || fate.left.length > 0);
  };
  const modifies = new Map(
    history.lives.writes.flatMap(({ modify }) => (modify === null ? [] : [[modify.n, modify] as const])),
  );
  for (const { n, outcome, tokens } of modifies.values()) {
    checked += 1;
    const there = tokens.filter(isThere);
    if (outcome === "unknown" && there.length > 0 && there.length < tokens.length)
      violations.push({ promise: "P6", text: `modify ${n} wrote ${there.join(", ")} of ${tokens.join(", ")}` });
  }
  for (const [token, { writes }] of fates) {
    if (!isThere(token)) continue;
    checked += 1;
    if (writes.length === 0) violations.push({ promise: "P6", text: `${token} is there, and nobody wrote it` });
    else if (writes.every((write) => write.outcome === "refused"))
      violations.push({ promise: "P6", text: `${token} is there, and its write ${writes[0]?.n} was refused` });
  }
  return { violations, checked };
};
