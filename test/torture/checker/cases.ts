// What every check asks of the history: the deliveries of one task in their order, and what ended, or may have ended, a claim.

import type { Delivery, Lives, Settlement, Unheard } from "./lives.ts";
import type { ServerClock } from "./server-clock.ts";

export interface Violation {
  /** The promise that was broken: "P3". */
  readonly promise: string;
  readonly text: string;
}

export interface Case {
  readonly lives: Lives;
  readonly clock: ServerClock;
  /** Deliveries at one place, "queue id", in the order of their versions, which always rise. */
  readonly places: ReadonlyMap<string, readonly Delivery[]>;
  /** By queue, merged and in order. */
  readonly unheard: ReadonlyMap<string, readonly Unheard[]>;
  readonly byClaim: ReadonlyMap<string, Delivery>;
  readonly settlementsOfClaim: ReadonlyMap<string, readonly Settlement[]>;
  /** By "queue id": what named a task itself. */
  readonly settlementsOfPlace: ReadonlyMap<string, readonly Settlement[]>;
}

/** One promise, or a part of one: what in the history breaks it, and on how many occasions it could have been broken. */
export type Check = (history: Case) => { readonly violations: readonly Violation[]; readonly checked: number };

export function placeOf({ queue, id }: { readonly queue: string; readonly id: string | null }): string {
  return `${queue} ${id ?? "?"}`;
}

export function caseOf(lives: Lives, clock: ServerClock): Case {
  const byClaim = new Map<string, Delivery>();
  for (const delivery of lives.deliveries) byClaim.set(delivery.claim, delivery);
  const places = new Map<string, Delivery[]>();
  for (const [place, deliveries] of Map.groupBy(lives.deliveries, placeOf))
    places.set(
      place,
      deliveries.toSorted((one, other) => one.version - other.version),
    );
  return {
    lives,
    clock,
    places,
    unheard: new Map(
      [...Map.groupBy(lives.unheard, ({ queue }) => queue)].map(([queue, moments]) => [queue, merged(moments)]),
    ),
    byClaim,
    settlementsOfClaim: Map.groupBy(
      lives.settlements.filter((settlement) => settlement.claim !== null),
      (settlement) => settlement.claim ?? "",
    ),
    settlementsOfPlace: Map.groupBy(
      lives.settlements.filter((settlement) => settlement.claim === null),
      placeOf,
    ),
  };
}

/** Whether a settlement takes its task out for good. */
export function isCommit({ how }: Settlement): boolean {
  return how === "ack" || how === "delete" || how === "cancel";
}

/** Whether a settlement ends the claim that it names, when it succeeds. */
export function isEnd({ how }: Settlement): boolean {
  return how !== "extend" && how !== "keep" && how !== "depend";
}

/** The earliest and the latest deadline that a claim can have had at an instant of the server's time. */
export function deadlines(history: Case, claim: Delivery, serverNow: number): { earliest: number; latest: number } {
  let current = { appliedAt: claim.claimedAt, until: claim.claimedUntil };
  let earliestUnknown = Infinity;
  let latest = claim.claimedUntil;
  for (const extension of history.settlementsOfClaim.get(claim.claim) ?? []) {
    const { how, outcome, claimedUntil, timeoutMs, sentAt } = extension;
    if ((how !== "extend" && how !== "keep") || outcome === "refused") continue;
    if (outcome === "unknown") {
      if (timeoutMs === null) continue;
      earliestUnknown = Math.min(earliestUnknown, history.clock.earliest(sentAt) + timeoutMs);
      latest = Infinity;
    } else if (claimedUntil !== null && timeoutMs !== null) {
      const appliedAt = claimedUntil - timeoutMs;
      latest = Math.max(latest, claimedUntil);
      const isLater =
        appliedAt > current.appliedAt || (appliedAt === current.appliedAt && claimedUntil < current.until);
      if (appliedAt <= serverNow && isLater) current = { appliedAt, until: claimedUntil };
    }
  }
  return { earliest: Math.min(current.until, earliestUnknown), latest };
}

/** Whether a claim may have been ended by anything but its deadline before `at`. */
export function mayHaveEnded(history: Case, claim: Delivery, at: number): boolean {
  const { settlementsOfClaim, settlementsOfPlace, lives } = history;
  const cut = claim.releasedWith === null ? undefined : lives.cuts.get(claim.releasedWith);
  if (cut !== undefined && cut <= at) return true;
  const ends = (settlement: Settlement): boolean =>
    isEnd(settlement) && settlement.outcome !== "refused" && settlement.sentAt <= at;
  return (
    (settlementsOfClaim.get(claim.claim) ?? []).some(ends) || (settlementsOfPlace.get(placeOf(claim)) ?? []).some(ends)
  );
}

/** Whether the server's time says which of two was given first, and whether one had run out by then. */
export function isInTime({ clock }: Case, one: Delivery, other: Delivery): boolean {
  return !clock.isSetBackAmong(Math.min(one.claimedAt, other.claimedAt), Math.max(one.heardAt, other.heardAt));
}

/** Whether a queue may have given a task between two instants to somebody who never heard of it. */
export function mayBeUnheard({ unheard }: Case, queue: string, from: number, until: number): boolean {
  const moments = unheard.get(queue) ?? [];
  // Merged and in order, so that the first that ends in time decides.
  let low = 0;
  let high = moments.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((moments[middle]?.until ?? 0) < from) low = middle + 1;
    else high = middle;
  }
  const moment = moments[low];
  return moment !== undefined && moment.from <= until;
}

function merged(moments: readonly Unheard[]): readonly Unheard[] {
  const result: Unheard[] = [];
  for (const moment of moments.toSorted((one, other) => one.from - other.from)) {
    const last = result.at(-1);
    if (last === undefined || moment.from > last.until) result.push(moment);
    else result[result.length - 1] = { ...last, until: Math.max(last.until, moment.until) };
  }
  return result;
}
