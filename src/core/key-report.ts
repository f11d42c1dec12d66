// What is said of a key, and why a task is not offered.

import type { KeyLimit, KeyOverride } from "./key-settings.ts";
import type { Rate } from "./rate.ts";

/** What holds a key's tasks back. */
export interface Limited {
  readonly by: KeyLimit;
  /** null: until something changes. */
  readonly until: number | null;
}

/** What holds a ready task back: a setting of its queue, or of its key; or a delayed one, that it is given back without end. */
export interface TaskLimited {
  readonly by: KeyLimit | "maxInFlight" | "returns";
  readonly of: "queue" | "key" | "task";
  /** null: until something changes. */
  readonly until: number | null;
}

export interface KeyReport {
  readonly key: string;
  /** Could be claimed now if nothing held the key back. */
  readonly ready: number;
  /** Visible later, or waiting for a retry. */
  readonly delayed: number;
  readonly claimed: number;
  /** `ready` and `delayed` were counted up to a bound: there may be more. */
  readonly hasMore: boolean;
  /** Why its next task is not offered now; null: nothing holds it back. */
  readonly limited: Limited | null;
  /** Attempts of cost 1 that its rate allows at once now; null: it has no rate. */
  readonly credit: number | null;
  /** How far behind the present virtual time its next turn is; 0: its turn has come. In turns; by `share` ms. */
  readonly turnsAhead: number;
  readonly override: KeyOverride;
  /** Ids of the dead tasks that block it. */
  readonly blockedBy: readonly string[];
}

export interface KeyPageInput {
  /** "": from the first. */
  readonly after: string;
  /** 1 to LIMITS.pageKeys. */
  readonly limit: number;
  /** Only keys that this holds back; "any": whatever does. */
  readonly limitedBy?: KeyLimit | "any";
}

/** A change of what holds for one key: what is absent stays as it is, null takes an override away. */
export interface KeyPatch {
  readonly concurrency?: number | null;
  readonly rate?: Rate | null;
  readonly weight?: number | null;
  readonly paused?: boolean | null;
}
