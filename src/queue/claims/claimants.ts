// Claimants since the queue was opened, with their acks and failures: for the list of consumers. In memory, and a
// bounded number of names; the claims themselves are kept elsewhere.

import { LastMinute } from "./last-minute.ts";

/** Names that are remembered, about 500 bytes each; those that have not been seen longest are forgotten. */
const MOST = 1_000;

export interface Claimant {
  /** Its first claim that is known here. */
  readonly sinceAt: number;
  seenAt: number;
  acked: number;
  failed: number;
  readonly ackedLately: LastMinute;
  readonly failedLately: LastMinute;
}

export class Claimants {
  readonly #byName = new Map<string | null, Claimant>();

  /** @param name null: claims without a name are one claimant */
  claimed(name: string | null, now: number): void {
    this.#of(name, now).seenAt = now;
  }

  acked(name: string | null, now: number): void {
    const claimant = this.#of(name, now);
    claimant.acked += 1;
    claimant.ackedLately.add(now);
    claimant.seenAt = now;
  }

  failed(name: string | null, now: number): void {
    const claimant = this.#of(name, now);
    claimant.failed += 1;
    claimant.failedLately.add(now);
    claimant.seenAt = now;
  }

  entries(): Iterable<readonly [string | null, Readonly<Claimant>]> {
    return this.#byName;
  }

  #of(name: string | null, now: number): Claimant {
    const known = this.#byName.get(name);
    if (known !== undefined) return known;
    if (this.#byName.size >= MOST) this.#forgetOne();
    const lately = { ackedLately: new LastMinute(), failedLately: new LastMinute() };
    const claimant = { sinceAt: now, seenAt: now, acked: 0, failed: 0, ...lately };
    this.#byName.set(name, claimant);
    return claimant;
  }

  #forgetOne(): void {
    let first: readonly [string | null, Claimant] | undefined;
    // Looked for and not sorted: a consumer that calls itself something else each time has this done for each of its claims.
    for (const entry of this.#byName) if (first === undefined || entry[1].seenAt < first[1].seenAt) first = entry;
    if (first !== undefined) this.#byName.delete(first[0]);
  }
}
