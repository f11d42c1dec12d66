// An atomic modify as it travels in JSON: tasks and documents inserted, changed, deleted and depended on in one step (P6).

import type { WireCall } from "./wire-call.ts";
import type { WireEnqueuedTask, WireNewTask, WireTaskChange } from "./wire-task.ts";

/** An unclaimed task by its id and version, or a claimed one by its claim token. */
export type WireTaskRef = { readonly id: string; readonly version: number } | { readonly claim: string };

/** A document at a version. In `depend`, version 0: it does not exist. */
export interface WireDocumentRef {
  readonly document: { readonly key: string; readonly version: number };
}

export interface WireInsert extends WireNewTask {
  /** Another queue, which receives the task by way of the outbox; absent: this one. */
  readonly queue?: string;
  /** What becomes of an insert whose id is taken. Default `fail`; with `queue` always `skip`. */
  readonly onConflict?: "fail" | "skip";
}

/** A change of a task; of a claimed one it ends the claim, unless that is kept. */
export type WireModifyChange = WireTaskRef &
  WireTaskChange & {
    /** With `claim`: the claim stays. */
    readonly keepClaim?: boolean;
    /** With `keepClaim`: how long it lasts from now. ms; absent: as long as before. */
    readonly claimTimeoutMs?: number;
  };

/** 1 to 100 references in all. */
export interface WireModify {
  /** Given: every claim that is named must have been made by this claimant. */
  readonly claimant?: string;
  readonly insert?: readonly (WireInsert | { readonly document: { readonly key: string; readonly value: unknown } })[];
  readonly change?: readonly (
    | WireModifyChange
    | { readonly document: { readonly key: string; readonly version: number; readonly value: unknown } }
  )[];
  readonly delete?: readonly (WireTaskRef | WireDocumentRef)[];
  readonly depend?: readonly (WireTaskRef | WireDocumentRef)[];
  readonly call?: WireCall;
}

/** An insert into another queue: committed, not yet arrived. */
export interface WireSentTask {
  readonly queue: string;
  /** Its name in the outbox. */
  readonly message: string;
  readonly onItsWay: true;
}

export interface WireChangedTask {
  readonly id: string;
  readonly version: number;
  readonly visibleAt: number;
  /** null: it is not claimed, or no longer. */
  readonly claimedUntil: number | null;
}

/** An entry for each insert and each change, in the order of the request. */
export interface WireModified {
  readonly inserted: readonly (WireEnqueuedTask | WireSentTask | WireDocumentRef)[];
  readonly changed: readonly (WireChangedTask | WireDocumentRef)[];
}

/** One reference that failed: all of them are in `failures` of a `dependency-failed` problem. */
export interface WireModifyFailure {
  readonly operation: "insert" | "change" | "delete" | "depend";
  /** Its place in the list of that operation. */
  readonly index: number;
  /** The task it names, or the document. */
  readonly id?: string;
  readonly key?: string;
  /**
   * missing: nothing is there. stale: it is at another version, or the claim has ended. claimed: somebody holds it, and
   * the claim was not named. colliding: an insert's id or key is taken. dead: dead tasks can only be deleted or depended on.
   */
  readonly reason: "missing" | "stale" | "claimed" | "colliding" | "dead";
  /** The version that it is at, if it is there. */
  readonly version?: number;
  readonly claimedUntil?: number;
}
