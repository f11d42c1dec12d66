// What one atomic modify may ask and answer. It stands on one queue; conditions on several would name their queue here and
// be decided by messages of the outbox, before anything is written.

import type { ClaimRef } from "./claim-token.ts";
import type { EnqueuedTask, NewTask, TaskChange } from "./new-task.ts";
import type { NumberedCall } from "./numbered-call.ts";
import type { TraceContext } from "./trace-context.ts";

/** An unclaimed task by id and version, or a claimed one by its claim token. */
export type TaskRef = { readonly id: string; readonly version: number } | { readonly claim: ClaimRef };

export interface DocumentRef {
  readonly key: string;
  /** The version it must be at. In `depend`, 0: it does not exist. */
  readonly version: number;
}

export type ModifyInsert =
  | {
      readonly task: NewTask;
      /** Another queue, which receives it by way of the outbox; absent or the queue's own name: this one. */
      readonly queue?: string;
      /** When the task's own id is taken: the modify fails, or this insert writes nothing. */
      readonly onConflict: "fail" | "skip";
    }
  | { readonly document: { readonly key: string; readonly value: string } };

/** What becomes of the claim of a claimed task that is changed. */
export interface KeptClaim {
  /** How long it lasts from now on. ms; absent: its deadline stays. */
  readonly claimTimeoutMs?: number;
}

export type ModifyChange =
  | {
      readonly task: TaskRef;
      readonly change: TaskChange;
      /** Absent: the claim ends and the task is offered again, now or at the time that the change gives. */
      readonly keepClaim?: KeptClaim;
    }
  | { readonly document: DocumentRef; readonly value: string };

export type ModifyReference = { readonly task: TaskRef } | { readonly document: DocumentRef };

export interface ModifyInput {
  /** Absent: not checked. Else every claim that is named must have been made by this claimant. */
  readonly claimant?: string;
  readonly insert: readonly ModifyInsert[];
  readonly change: readonly ModifyChange[];
  readonly delete: readonly ModifyReference[];
  readonly depend: readonly ModifyReference[];
  /** Absent: the call is taken as often as it comes. */
  readonly call?: NumberedCall;
  /** The trace of those inserted tasks that name none. It is no part of what a numbered call asks for. */
  readonly trace?: TraceContext;
}

export interface DocumentVersion {
  readonly document: { readonly key: string; readonly version: number };
}

/** An insert into another queue: committed, not yet arrived. */
export interface SentTask {
  readonly queue: string;
  /** Its name in the outbox. */
  readonly message: string;
  readonly onItsWay: true;
}

export interface ChangedTask {
  readonly id: string;
  readonly version: number;
  readonly visibleAt: number;
  /** null: it is not claimed, or no longer. */
  readonly claimedUntil: number | null;
}

/** One entry for each insert and each change, in the order of the request. */
export interface Modified {
  readonly inserted: readonly (EnqueuedTask | SentTask | DocumentVersion)[];
  readonly changed: readonly (ChangedTask | DocumentVersion)[];
}

/** Why one reference of a modify failed. */
export interface ModifyFailure {
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
