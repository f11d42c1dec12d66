// The input and the answer of one atomic modify. It is about one queue; conditions on several would name their queue here and
// be decided by messages of the outbox, before anything is written.

import type { ClaimRef } from "./claim-token.ts";
import type { NewTask, TaskChange } from "./new-task.ts";
import type { NumberedCall } from "./numbered-call.ts";
import type { TraceContext } from "./trace-context.ts";

export type {
  WireChangedTask as ChangedTask,
  WireModified as Modified,
  WireModifyFailure as ModifyFailure,
  WireSentTask as SentTask,
} from "../protocol/wire-modify.ts";

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
