// The operations of a queue: one entry each, inputs already checked, answers as unions.

import type { WireNackOptions } from "../protocol/wire-operations.ts";
import type { WireQueue as QueueView } from "../protocol/wire-queue.ts";
import type { BrowsePlace } from "./browse-place.ts";
import type { ClaimRef } from "./claim-token.ts";
import type { Document, DocumentsInput } from "./document.ts";
import type { EnqueuedTask, NewTask, TaskChange } from "./new-task.ts";
import type { KeyPageInput, KeyPatch, KeyReport } from "./key-report.ts";
import type { Modified, ModifyFailure, ModifyInput } from "./modify.ts";
import type { NumberedCall } from "./numbered-call.ts";
import type { OutboxInput, OutboxMessage, OutboxPlace } from "./outbox-message.ts";
import type { CostView } from "./queue-cost.ts";
import type { ConsumerView, HistoryInput, HistoryView } from "./queue-history.ts";
import type { Applied, ApplyInput, SearchInput } from "./search.ts";
import type { BudgetReached, SettingsPatch } from "./settings.ts";
import type { BrowsedTask, ClaimedTask, TaskState } from "./task.ts";
import type { TraceContext } from "./trace-context.ts";
import type { ExportAnswer, ExportInput, ImportInput } from "./transfer.ts";

export type { WireLaneStats as LaneStats, WireQueue as QueueView, WireStats as Stats } from "../protocol/wire-queue.ts";
export type { BrowsePlace } from "./browse-place.ts";
export type { EnqueuedTask, NewTask, TaskChange } from "./new-task.ts";

export interface EnqueueInput {
  readonly tasks: readonly NewTask[];
  /** Absent: the call is taken as often as it comes. */
  readonly call?: NumberedCall;
  /** The trace of those tasks that name none. It is no part of what a numbered call asks for: each sending has its own. */
  readonly trace?: TraceContext;
}

/** Which lanes a claim takes from: in order of preference, or taking turns. */
export type LaneChoice = { readonly inOrder: readonly string[] } | { readonly any: readonly string[] };

export interface ClaimInput {
  readonly max: number;
  readonly lanes: LaneChoice;
  readonly claimTimeoutMs?: number;
  readonly claimant?: string;
  /** The claim lasts this long at least, whatever the queue's setting. ms, default 0. */
  readonly leastTimeoutMs?: number;
  /** A socket's own name: what it claims counts against its credit, and can be given back when it closes. */
  readonly holder?: string;
  /** Who alone may settle what is claimed, of those whose tokens are limited to their own claims. Absent: it is not marked. */
  readonly owner?: string;
  /** How long the claim waits when nothing is ready. ms, default 0, at most LIMITS.waitMs. */
  readonly waitMs?: number;
  /** Names a claim that waits, so that it can be given up. */
  readonly ticket?: string;
  /** Payload bytes after which no further task is taken; at least one is. Default: no bound of its own; LIMITS.answerBytes holds for every claim. */
  readonly maxBytes?: number;
}

export interface NackItem extends WireNackOptions {
  readonly claim: ClaimRef;
}

export interface BrowseInput {
  readonly state?: TaskState;
  readonly lane?: string;
  readonly limit: number;
  /** Tasks come with their past attempts. Default: false */
  readonly pastAttempts?: boolean;
  /** Where the page before ended. A number: the key that a page of all tasks has come to; 0: from the start. */
  readonly after: number | BrowsePlace;
}

export type ItemResult = { readonly ok: true } | { readonly ok: false; readonly code: "claim-lost" | "task-not-found" };
export type ExtendResult = { readonly ok: true; readonly claimedUntil: number } | Extract<ItemResult, { ok: false }>;

/** Where a redrive goes on. */
export interface RedrivePlace {
  /** What died or arrived after this key is not part of it: what is redriven and dies again at once would never end it. */
  readonly upTo: number;
  /** Dead tasks that are removed up to then have been looked at; null: all have, and dead letters come next. */
  readonly endsAt: number | null;
  /** The last row that was looked at; of named ids, how many have been. */
  readonly seq: number;
}

export interface RedriveInput {
  /** Absent: all that are dead. */
  readonly ids?: readonly string[];
  readonly limit: number;
  readonly after?: RedrivePlace;
  /** Queues to which dead letters may go back that were changed after they had left them. */
  readonly changedTo?: readonly string[];
}

/** Why an operation changed nothing. `http/` gives each its status. */
export type Refusal =
  | { readonly kind: "invalid"; readonly field: string; readonly given: unknown; readonly allowed: string }
  /** Its name is added where the turn ends; absent: from an object of an earlier version. */
  | { readonly kind: "queue-not-found"; readonly queue?: string }
  | { readonly kind: "task-not-found"; readonly id: string }
  | {
      readonly kind: "version-conflict";
      readonly id: string;
      readonly version: number;
      readonly state: TaskState;
      readonly claimedUntil: number | null;
    }
  | { readonly kind: "dependency-failed"; readonly failures: readonly ModifyFailure[] }
  | { readonly kind: "document-not-found"; readonly key: string }
  /** `version` 0: there is no such document. */
  | { readonly kind: "document-conflict"; readonly key: string; readonly version: number }
  | { readonly kind: "queue-paused" }
  | { readonly kind: "queue-full"; readonly what: "tasks" | "bytes" | "lanes" | "messages"; readonly limit: number }
  | { readonly kind: "too-many-claims"; readonly limit: number }
  /** A limit of the queue's own. `what`: what there are too many of, "requests a second" say. */
  | {
      readonly kind: "rate-limited";
      readonly what: string;
      readonly limit: number;
      /** Absent: it depends on what others do. */
      readonly retryAfterMs?: number;
    }
  | {
      readonly kind: "budget-reached";
      readonly by: BudgetReached["by"];
      /** When its hour or day ends. */
      readonly until: number;
      readonly retryAfterMs: number;
    }
  /** Numbers below `from` are remembered no more: whether the call was made is not known. */
  /** `from` null: nothing of its producer is remembered. */
  | { readonly kind: "call-forgotten"; readonly number: number; readonly from: number | null }
  /** The number was used for a call that asked for something else. */
  | { readonly kind: "call-reused"; readonly number: number }
  /** What was set aside by another export, a purge or a deletion, or has been silent for long. */
  | { readonly kind: "export-ended" }
  | { readonly kind: "queue-not-empty" }
  | { readonly kind: "overloaded"; readonly reason: string }
  /** A turn of a call that is divided over several failed. `results`: of the claims that those before had come to. */
  | {
      readonly kind: "unfinished";
      readonly error: string;
      readonly results: readonly (ItemResult & { readonly claim: string })[];
    };

/** Every operation of a queue: its checked input and, beside a refusal, its answer. */
export interface Operations {
  enqueue: { input: EnqueueInput; answer: { kind: "enqueued"; tasks: EnqueuedTask[] } };
  claim: { input: ClaimInput; answer: { kind: "claimed"; tasks: ClaimedTask[]; nextAt?: number | null } };
  ack: { input: { readonly claims: readonly ClaimRef[] }; answer: { kind: "acked"; results: ItemResult[] } };
  nack: { input: { readonly claims: readonly NackItem[] }; answer: { kind: "nacked"; results: ItemResult[] } };
  /** Acks and nacks in one commit. */
  settle: {
    input: { readonly acks: readonly ClaimRef[]; readonly nacks: readonly NackItem[] };
    answer: { kind: "settled"; acks: ItemResult[]; nacks: ItemResult[] };
  };
  extend: {
    input: { readonly claims: readonly ClaimRef[]; readonly claimTimeoutMs: number };
    answer: { kind: "extended"; results: ExtendResult[] };
  };
  getTask: { input: { readonly id: string }; answer: { kind: "task"; task: BrowsedTask } };
  changeTask: {
    input: { readonly id: string; readonly version: number; readonly change: TaskChange; readonly redrive?: boolean };
    answer: { kind: "task"; task: BrowsedTask };
  };
  cancelTask: {
    input: { readonly id: string; readonly version?: number; readonly force: boolean };
    answer: { kind: "cancelled"; id: string };
  };
  releaseTask: {
    input: { readonly id: string; readonly version?: number };
    answer: { kind: "task"; task: BrowsedTask };
  };
  browse: { input: BrowseInput; answer: { kind: "page"; tasks: BrowsedTask[]; after: BrowseInput["after"] | null } };
  search: {
    input: SearchInput;
    answer: { kind: "found"; tasks: BrowsedTask[]; lookedAt: number; after: BrowseInput["after"] | null };
  };
  apply: { input: ApplyInput; answer: { kind: "applied" } & Applied };
  getQueue: { input: null; answer: { kind: "queue"; queue: QueueView } };
  configure: { input: { readonly settings: SettingsPatch }; answer: { kind: "queue"; queue: QueueView } };
  deleteQueue: { input: null; answer: { kind: "deleted"; tasks: number } };
  purge: { input: null; answer: { kind: "purged"; tasks: number } };
  redrive: {
    input: RedriveInput;
    answer: {
      kind: "redriven";
      tasks: number;
      notFound: string[];
      /** Where to go on; null: all are redriven. */
      after: RedrivePlace | null;
      /** Where dead letters would go that were left, since they were changed. */
      leftChanged: string[];
    };
  };
  modify: { input: ModifyInput; answer: { kind: "modified" } & Modified };
  getDocument: { input: { readonly key: string }; answer: { kind: "document"; document: Document } };
  putDocument: {
    input: { readonly key: string; readonly value: string; readonly version?: number };
    answer: { kind: "document"; document: Document };
  };
  deleteDocument: {
    input: { readonly key: string; readonly version?: number };
    answer: { kind: "document-deleted"; key: string };
  };
  listDocuments: {
    input: DocumentsInput;
    answer: { kind: "documents"; documents: Document[]; after: string | null };
  };
  listKeys: { input: KeyPageInput; answer: { kind: "keys"; keys: readonly KeyReport[]; after: string | null } };
  getKey: { input: { readonly key: string }; answer: { kind: "key"; report: KeyReport } };
  setKey: {
    input: { readonly key: string; readonly patch: KeyPatch };
    answer: { kind: "key"; report: KeyReport };
  };
  resetKey: { input: { readonly key: string }; answer: { kind: "key"; report: KeyReport } };
  unblockKey: { input: { readonly key: string }; answer: { kind: "key"; report: KeyReport } };
  getHistory: { input: HistoryInput; answer: { kind: "history"; history: HistoryView } };
  getCost: { input: null; answer: { kind: "cost"; cost: CostView } };
  listConsumers: {
    input: { readonly limit: number };
    answer: { kind: "consumers"; consumers: ConsumerView[]; more: boolean };
  };
  listOutbox: { input: OutboxInput; answer: { kind: "outbox"; messages: OutboxMessage[]; after: OutboxPlace | null } };
  retryOutbox: {
    input: { readonly queue?: string; readonly limit: number };
    answer: { kind: "retried"; messages: number; more: boolean };
  };
  exportQueue: { input: ExportInput; answer: { kind: "exported" } & ExportAnswer };
  /** The database was put back: nothing that was given out since matches from now on. null: for the first time. */
  reincarnate: {
    input: {
      /** How often it has been put back, this time included, of which its own database cannot know. */
      readonly times: number;
    } | null;
    answer: { kind: "reincarnated"; incarnation: number; tag: string; knownUntil: number };
  };
  importQueue: { input: ImportInput; answer: { kind: "imported"; records: number; isWhole: boolean } };
}

export type OperationName = keyof Operations;
export type InputOf<Name extends OperationName> = Operations[Name]["input"];
export type OutcomeOf<Name extends OperationName> = Operations[Name]["answer"] | Refusal;
