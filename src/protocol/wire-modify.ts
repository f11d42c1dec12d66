// An atomic modify as it travels in JSON: tasks and documents inserted, changed, deleted and depended on in one step (P6).

import type { WireEncoding, WireEnqueuedTask, WireNewTask } from "./wire-task.ts";

/** An unclaimed task by its id and version, or a claimed one by its claim token. */
export type WireTaskRef = { readonly id: string; readonly version: number } | { readonly claim: string };

/** A document by its key, at a version; version 0 stands for "does not exist". */
export interface WireDocumentRef {
  readonly key: string;
  readonly version: number;
}

export interface WireInsert extends WireNewTask {
  /** Another queue to insert into, by way of the outbox; absent: this one. */
  readonly queue?: string;
  /** What becomes of an insert whose id exists. Default `fail`. */
  readonly onConflict?: "fail" | "skip";
}

export interface WireTaskChange {
  readonly payload?: unknown;
  readonly encoding?: WireEncoding;
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly lane?: string;
  readonly priority?: number;
  readonly delayMs?: number;
  readonly visibleAt?: number;
}

export interface WireModify {
  readonly claimant?: string;
  readonly insert?: readonly (WireInsert | { readonly document: { readonly key: string; readonly value: unknown } })[];
  readonly change?: readonly (
    | (WireTaskRef & WireTaskChange)
    | { readonly document: WireDocumentRef & { readonly value: unknown } }
  )[];
  readonly delete?: readonly (WireTaskRef | { readonly document: WireDocumentRef })[];
  readonly depend?: readonly (WireTaskRef | { readonly document: WireDocumentRef })[];
}

export interface WireModified {
  readonly inserted: readonly WireEnqueuedTask[];
  readonly changed: readonly { readonly id: string; readonly version: number }[];
}
