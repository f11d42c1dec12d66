// Every operation on a queue under its name, with its body and its answer as they travel in JSON. HTTP gives each its own
// path; sockets and service bindings carry name and body as they are.

import type { WireCost } from "./wire-cost.ts";
import type { WireApplied, WireApply } from "./wire-apply.ts";
import type { WireConsumer, WireHistory } from "./wire-history.ts";
import type { WireDocument } from "./wire-document.ts";
import type { WireCall } from "./wire-call.ts";
import type { WireKey, WireKeyLimit, WireKeyPatch } from "./wire-key.ts";
import type { WireModified, WireModify } from "./wire-modify.ts";
import type { WireOutboxMessage } from "./wire-outbox.ts";
import type { WireQueue, WireSettingsPatch } from "./wire-queue.ts";
import type { WireExportHead, WireTransferRecord } from "./wire-transfer.ts";
import type {
  WireBrowsedTask,
  WireClaimedTask,
  WireEnqueuedTask,
  WireNewTask,
  WireTaskChange,
  WireTaskState,
} from "./wire-task.ts";

/** In order of preference, or taking turns. */
export type WireLanes = readonly string[] | { readonly any: readonly string[] };

/** A claim token alone, or an object that holds it. */
export type WireClaim = string | { readonly claim: string };

/** How to end a claim without success. */
export interface WireNackOptions {
  /** ms until the task is offered again, 0 to 366 days; absent: the queue's backoff. */
  readonly delayMs?: number;
  /** Kept with the task, cut at 1,024 characters. */
  readonly error?: string;
  /** True: given back as if never claimed, no attempt counted. Without the others. */
  readonly release?: boolean;
  /** True, with `delayMs`: given back until then, no attempt counted. Without the others. */
  readonly snooze?: boolean;
  /**
   * True, with `delayMs`: all tasks of its key rest until then, no attempt counted; a task without a key is snoozed. Without the
   * others.
   */
  readonly limitKey?: boolean;
  /** True: no further attempt, dead at once. Without `delayMs`. */
  readonly dead?: boolean;
}

export interface WireNackItem extends WireNackOptions {
  readonly claim: string;
}

export type WireItemResult =
  | { readonly claim: string; readonly ok: true }
  | { readonly claim: string; readonly ok: false; readonly code: "claim-lost" | "task-not-found" };

export type WireExtendResult =
  | { readonly claim: string; readonly ok: true; readonly claimedUntil: number }
  | Extract<WireItemResult, { ok: false }>;

/** An operation that takes nothing is called with an empty object. */
interface Nothing {
  readonly [field: string]: never;
}

export interface WireOperations {
  enqueue: {
    body:
      | (WireNewTask & { readonly call?: WireCall })
      | { readonly tasks: readonly WireNewTask[]; readonly call?: WireCall };
    answer: { readonly tasks: readonly WireEnqueuedTask[] };
  };
  claim: {
    body: {
      readonly max?: number;
      readonly claimTimeoutMs?: number;
      readonly waitMs?: number;
      readonly claimant?: string;
      readonly lanes?: WireLanes;
    };
    answer: {
      readonly tasks: readonly WireClaimedTask[];
      /** Without tasks: when there may be some, if that is known. */
      readonly nextAt?: number;
    };
  };
  ack: { body: { readonly claims: readonly WireClaim[] }; answer: { readonly results: readonly WireItemResult[] } };
  nack: {
    body: { readonly claims: readonly (string | WireNackItem)[] };
    answer: { readonly results: readonly WireItemResult[] };
  };
  settle: {
    body: { readonly acks?: readonly WireClaim[]; readonly nacks?: readonly (string | WireNackItem)[] };
    answer: { readonly acks: readonly WireItemResult[]; readonly nacks: readonly WireItemResult[] };
  };
  extend: {
    body: { readonly claims: readonly WireClaim[]; readonly claimTimeoutMs: number };
    answer: { readonly results: readonly WireExtendResult[] };
  };
  modify: { body: WireModify; answer: WireModified };
  getDocument: { body: { readonly key: string }; answer: WireDocument };
  putDocument: {
    body: { readonly key: string; readonly value: unknown; readonly version?: number };
    answer: WireDocument;
  };
  deleteDocument: { body: { readonly key: string; readonly version?: number }; answer: { readonly key: string } };
  listDocuments: {
    body: { readonly prefix?: string; readonly limit?: number; readonly cursor?: string };
    answer: { readonly documents: readonly WireDocument[]; readonly cursor: string | null };
  };
  listKeys: {
    body: { readonly limited?: WireKeyLimit | "any"; readonly limit?: number; readonly cursor?: string };
    answer: { readonly keys: readonly WireKey[]; readonly cursor: string | null };
  };
  getKey: { body: { readonly key: string }; answer: WireKey };
  setKey: { body: { readonly key: string } & WireKeyPatch; answer: WireKey };
  resetKey: { body: { readonly key: string }; answer: WireKey };
  unblockKey: { body: { readonly key: string }; answer: WireKey };
  getTask: { body: { readonly id: string }; answer: WireBrowsedTask };
  changeTask: {
    body: { readonly id: string; readonly version: number; readonly redrive?: boolean } & WireTaskChange;
    answer: WireBrowsedTask;
  };
  cancelTask: {
    body: { readonly id: string; readonly version?: number; readonly force?: boolean };
    answer: { readonly id: string };
  };
  releaseTask: { body: { readonly id: string; readonly version?: number }; answer: WireBrowsedTask };
  browse: {
    body: {
      readonly state?: WireTaskState;
      readonly lane?: string;
      readonly limit?: number;
      readonly pastAttempts?: boolean;
      readonly cursor?: string;
    };
    answer: { readonly tasks: readonly WireBrowsedTask[]; readonly cursor: string | null };
  };
  search: {
    body: {
      readonly query?: string;
      readonly limit?: number;
      readonly pastAttempts?: boolean;
      readonly cursor?: string;
    };
    answer: { readonly tasks: readonly WireBrowsedTask[]; readonly lookedAt: number; readonly cursor: string | null };
  };
  apply: { body: WireApply; answer: WireApplied };
  getQueue: { body: Nothing; answer: WireQueue };
  configure: { body: WireSettingsPatch; answer: WireQueue };
  deleteQueue: { body: Nothing; answer: { readonly tasks: number } };
  purge: { body: Nothing; answer: { readonly tasks: number } };
  redrive: {
    body: {
      readonly ids?: readonly string[];
      readonly limit?: number;
      readonly cursor?: string;
      readonly changedTo?: readonly string[];
    };
    answer: {
      readonly tasks: number;
      readonly notFound: readonly string[];
      readonly more: boolean;
      readonly cursor: string | null;
      readonly leftChanged: readonly string[];
    };
  };
  getHistory: { body: { readonly from?: number; readonly to?: number; readonly stepMs?: number }; answer: WireHistory };
  getCost: { body: Nothing; answer: WireCost };
  listConsumers: {
    body: { readonly limit?: number };
    answer: { readonly consumers: readonly WireConsumer[]; readonly more: boolean };
  };
  listOutbox: {
    body: { readonly limit?: number; readonly cursor?: string };
    answer: { readonly messages: readonly WireOutboxMessage[]; readonly cursor: string | null };
  };
  retryOutbox: {
    body: { readonly queue?: string; readonly limit?: number };
    answer: { readonly messages: number; readonly more: boolean };
  };
  exportQueue: {
    body: { readonly cursor?: string };
    answer: {
      readonly head: WireExportHead;
      readonly records: readonly WireTransferRecord[];
      readonly isLast: boolean;
      readonly cursor: string | null;
    };
  };
  importQueue: {
    body: {
      readonly head: WireExportHead;
      readonly at: number;
      readonly records: readonly WireTransferRecord[];
      readonly isLast?: boolean;
      readonly replace?: boolean;
    };
    answer: { readonly records: number; readonly isWhole: boolean };
  };
  reincarnate: {
    body: Nothing;
    answer: { readonly incarnation: number; readonly tag: string; readonly knownUntil: number };
  };
}

export type WireOperationName = keyof WireOperations;
export type WireBody<Name extends WireOperationName> = WireOperations[Name]["body"];
export type WireAnswer<Name extends WireOperationName> = WireOperations[Name]["answer"];
