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
  /** Writes 1 to 1,000 tasks, all or none. Action `enqueue`. */
  enqueue: {
    body:
      | (WireNewTask & { readonly call?: WireCall })
      | { readonly tasks: readonly WireNewTask[]; readonly call?: WireCall };
    answer: { readonly tasks: readonly WireEnqueuedTask[] };
  };
  /**
   * Takes ready tasks until a deadline; with `waitMs`, up to 20,000, waits for some. Action `claim`. A caller that ends
   * while it waits may still be given tasks, which come back when their claim expires: wait no longer than you live.
   */
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
  /** Ends claims with success. An answer for each, in order. Action `claim`. */
  ack: { body: { readonly claims: readonly WireClaim[] }; answer: { readonly results: readonly WireItemResult[] } };
  /** Ends claims without success. An answer for each, in order. Action `claim`. */
  nack: {
    body: { readonly claims: readonly (string | WireNackItem)[] };
    answer: { readonly results: readonly WireItemResult[] };
  };
  /** Acks and nacks in one commit. Answers for each, in order. Action `claim`. */
  settle: {
    body: { readonly acks?: readonly WireClaim[]; readonly nacks?: readonly (string | WireNackItem)[] };
    answer: { readonly acks: readonly WireItemResult[]; readonly nacks: readonly WireItemResult[] };
  };
  /** Keeps claims for longer. An answer for each, in order. Action `claim`. */
  extend: {
    body: { readonly claims: readonly WireClaim[]; readonly claimTimeoutMs: number };
    answer: { readonly results: readonly WireExtendResult[] };
  };
  /**
   * Inserts, changes, deletes and depends, all or nothing. Action `claim`; for tasks put into a queue also `enqueue` there,
   * for tasks that are touched unclaimed also `manage`.
   */
  modify: { body: WireModify; answer: WireModified };
  /** Looks at one document. Action `browse`. */
  getDocument: { body: { readonly key: string }; answer: WireDocument };
  /** Writes a document; with `version`, only if it is at that one. Action `claim`. */
  putDocument: {
    body: { readonly key: string; readonly value: unknown; readonly version?: number };
    answer: WireDocument;
  };
  /** Deletes a document; with `version`, only if it is at that one. Action `claim`. */
  deleteDocument: { body: { readonly key: string; readonly version?: number }; answer: { readonly key: string } };
  /** Pages through documents in the order of their keys. Action `browse`. */
  listDocuments: {
    body: { readonly prefix?: string; readonly limit?: number; readonly cursor?: string };
    answer: { readonly documents: readonly WireDocument[]; readonly cursor: string | null };
  };
  /** Pages through keys that have tasks, or something set. Action `browse`. */
  listKeys: {
    body: { readonly limited?: WireKeyLimit | "any"; readonly limit?: number; readonly cursor?: string };
    answer: { readonly keys: readonly WireKey[]; readonly cursor: string | null };
  };
  /** How a key stands. Action `browse`. */
  getKey: { body: { readonly key: string }; answer: WireKey };
  /** Sets for one key what is given. Action `manage`. */
  setKey: { body: { readonly key: string } & WireKeyPatch; answer: WireKey };
  /** Takes away what is set for one key. Action `manage`. */
  resetKey: { body: { readonly key: string }; answer: WireKey };
  /** Dead tasks block the key no more. Action `manage`. */
  unblockKey: { body: { readonly key: string }; answer: WireKey };
  /** Looks at one task. Action `browse`. */
  getTask: { body: { readonly id: string }; answer: WireBrowsedTask };
  /** Changes an unclaimed task that is at `version`. Action `manage`. */
  changeTask: {
    body: { readonly id: string; readonly version: number; readonly redrive?: boolean } & WireTaskChange;
    answer: WireBrowsedTask;
  };
  /** Removes a task. Action `manage`. */
  cancelTask: {
    body: { readonly id: string; readonly version?: number; readonly force?: boolean };
    answer: { readonly id: string };
  };
  /** Takes a claim away from its holder. Action `manage`. */
  releaseTask: { body: { readonly id: string; readonly version?: number }; answer: WireBrowsedTask };
  /** Pages through tasks without claiming them. Action `browse`. */
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
  /** Pages through the tasks that match. Action `browse`. */
  search: {
    body: {
      readonly query?: string;
      readonly limit?: number;
      readonly pastAttempts?: boolean;
      readonly cursor?: string;
    };
    answer: { readonly tasks: readonly WireBrowsedTask[]; readonly lookedAt: number; readonly cursor: string | null };
  };
  /** Does one thing to the tasks that match, or counts them. Actions `manage` and `browse`. */
  apply: { body: WireApply; answer: WireApplied };
  /** Settings and counts. Action `browse`. */
  getQueue: { body: Nothing; answer: WireQueue };
  /** Changes settings, and creates the queue if it does not exist. `{paused: true}` pauses. Action `manage`. */
  configure: { body: WireSettingsPatch; answer: WireQueue };
  /** Deletes the queue with its tasks and settings. Action `manage`. */
  deleteQueue: { body: Nothing; answer: { readonly tasks: number } };
  /** Deletes all tasks. Action `manage`. */
  purge: { body: Nothing; answer: { readonly tasks: number } };
  /** Offers dead tasks again. Action `manage`. */
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
  /** What happened to its tasks. Action `browse`. */
  getHistory: { body: { readonly from?: number; readonly to?: number; readonly stepMs?: number }; answer: WireHistory };
  /** What it has cost. Action `browse`. */
  getCost: { body: Nothing; answer: WireCost };
  /** Who works on it. Action `browse`. */
  listConsumers: {
    body: { readonly limit?: number };
    answer: { readonly consumers: readonly WireConsumer[]; readonly more: boolean };
  };
  /** What has not arrived at other queues, and why. Action `browse`. */
  listOutbox: {
    body: { readonly limit?: number; readonly cursor?: string };
    answer: { readonly messages: readonly WireOutboxMessage[]; readonly cursor: string | null };
  };
  /** Sends again what was parked. Action `manage`. */
  retryOutbox: {
    body: { readonly queue?: string; readonly limit?: number };
    answer: { readonly messages: number; readonly more: boolean };
  };
  /** A page of all that is in the queue. Action `manage`. */
  exportQueue: {
    body: { readonly cursor?: string };
    answer: {
      readonly head: WireExportHead;
      readonly records: readonly WireTransferRecord[];
      readonly isLast: boolean;
      readonly cursor: string | null;
    };
  };
  /** Takes in what was exported. Action `manage`; `enqueue` wherever the queue would send. */
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
  /** After the database was put back. Action `admin`. */
  reincarnate: {
    body: Nothing;
    answer: { readonly incarnation: number; readonly tag: string; readonly knownUntil: number };
  };
}

export type WireOperationName = keyof WireOperations;
export type WireBody<Name extends WireOperationName> = WireOperations[Name]["body"];
export type WireAnswer<Name extends WireOperationName> = WireOperations[Name]["answer"];
