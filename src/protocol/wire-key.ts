// Keys as they travel in JSON: how a key of a queue stands, and what is set for one.

import type { WireRate } from "./wire-queue.ts";

/**
 * What holds a key's tasks back: it is paused; a dead task blocks it; an earlier one is claimed or waits for its retry; as many
 * are claimed as may be; a consumer let it rest; its rate is used up.
 */
export type WireKeyLimit = "paused" | "blocked" | "order" | "concurrency" | "limitKey" | "rate";

export interface WireLimited {
  readonly by: WireKeyLimit;
  /** null: until something changes. */
  readonly until: number | null;
}

/** What holds for one key instead of what the queue's settings say; null: they hold. */
export interface WireKeyOverride {
  readonly concurrency: number | null;
  readonly rate: WireRate | null;
  /** Turns that it gets for one of another's. Default 1, 1 to 100. */
  readonly weight: number | null;
  readonly paused: boolean;
}

/** A change of what holds for one key: what is absent stays as it is, null takes an override away. */
export interface WireKeyPatch {
  readonly concurrency?: number | null;
  readonly rate?: WireRate | null;
  readonly weight?: number | null;
  readonly paused?: boolean | null;
}

export interface WireKey {
  readonly key: string;
  /** Could be claimed now if nothing held the key back. */
  readonly ready: number;
  /** Visible later, or waiting for a retry. */
  readonly delayed: number;
  readonly claimed: number;
  /** True: `ready` and `delayed` were counted up to a bound, and there may be more. */
  readonly hasMore: boolean;
  /** Why its next task is not offered now; null: nothing holds it back. */
  readonly limited: WireLimited | null;
  /** Attempts of cost 1 that its rate allows at once; null: it has no rate. */
  readonly credit: number | null;
  readonly override: WireKeyOverride;
  /** Ids of the dead tasks that block it. */
  readonly blockedBy: readonly string[];
}
