// How many tasks something happened to, by what it was, since the queue woke. A number a kind, and nothing that is stored.

import type { FactKind, FactReader } from "./facts.ts";

export type Tallied = Exclude<FactKind, "changed" | "forgotten" | "released">;

/** Nothing has happened yet. */
export function noTotals(): Record<Tallied, number> {
  return {
    enqueued: 0,
    received: 0,
    acked: 0,
    cancelled: 0,
    moved: 0,
    removed: 0,
    failed: 0,
    expired: 0,
    snoozed: 0,
    died: 0,
    redriven: 0,
  };
}

/** What has been said in turns that are not committed yet: a turn that fails takes it along. */
export class Tally implements FactReader {
  #said = noTotals();

  hear(kind: FactKind): void {
    if (kind !== "changed" && kind !== "forgotten" && kind !== "released") this.#said[kind] += 1;
  }

  /** Tasks that a purge deletes are in no total. */
  cleared(): void {}

  /** After a commit: adds what was said to the totals. */
  moveTo(totals: Record<Tallied, number>): void {
    for (const kind of Object.keys(this.#said) as Tallied[]) totals[kind] += this.#said[kind];
    this.#said = noTotals();
  }
}
