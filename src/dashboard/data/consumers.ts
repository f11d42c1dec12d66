// Who works on a queue, as far as its claims tell: each claimant with what it holds now. A consumer that holds nothing at the
// moment does not show.

import type { WireBrowsedTask } from "../../protocol/wire-task.ts";

export interface Consumer {
  /** "" for claims without a name. */
  readonly claimant: string;
  readonly held: number;
  /** The claim of it that ends first. ms since 1970. */
  readonly nextEndsAt: number;
  readonly lanes: readonly string[];
  /** Attempts beyond the first among what it holds. */
  readonly retries: number;
}

/** Most claims first. */
export function consumersOf(claimed: readonly WireBrowsedTask[]): readonly Consumer[] {
  const groups = Map.groupBy(claimed, ({ claimant }) => claimant ?? "");
  return Array.from(groups, ([claimant, tasks]) => ({
    claimant,
    held: tasks.length,
    nextEndsAt: Math.min(...tasks.map(({ claimedUntil }) => claimedUntil ?? Infinity)),
    lanes: [...new Set(tasks.map(({ lane }) => lane))].sort((a, b) => a.localeCompare(b)),
    retries: tasks.filter(({ attempts }) => attempts > 1).length,
  })).sort((a, b) => b.held - a.held || a.claimant.localeCompare(b.claimant));
}
