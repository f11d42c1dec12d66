// The operations of a queue: one entry each, inputs already checked, answers as unions.

import type {
  WireAnswer,
  WireBody,
  WireLanes,
  WireNackOptions,
  WireOperationName,
} from "../protocol/wire-operations.ts";
import type { WireQueue as QueueView } from "../protocol/wire-queue.ts";
import type { BrowsePlace } from "./browse-place.ts";
import type { ClaimRef } from "./claim-token.ts";
import type { Document } from "./document.ts";
import type { EnqueuedTask, NewTask, TaskChange } from "./new-task.ts";
import type { KeyPatch, KeyReport } from "./key-report.ts";
import type { Modified, ModifyFailure, ModifyInput } from "./modify.ts";
import type { NumberedCall } from "./numbered-call.ts";
import type { OutboxPlace } from "./outbox-message.ts";
import type { CostView } from "./queue-cost.ts";
import type { HistoryView } from "./queue-history.ts";
import type { SearchTerm } from "./search.ts";
import type { BudgetReached, SettingsPatch } from "./settings.ts";
import type { BrowsedTask, ClaimedTask, TaskState } from "./task.ts";
import type { TraceContext } from "./trace-context.ts";
import type { ExportPlace, TransferRecord } from "./transfer.ts";

export type { WireLaneStats as LaneStats, WireQueue as QueueView, WireStats as Stats } from "../protocol/wire-queue.ts";
export type { BrowsePlace } from "./browse-place.ts";
export type { EnqueuedTask, NewTask, TaskChange } from "./new-task.ts";

export type OperationName = WireOperationName;

/** A body that is taken as it was sent, but for the fields `Filled`, which have their default where they were left out. */
type Read<Name extends OperationName, Filled extends keyof WireBody<Name> = never> = Omit<WireBody<Name>, Filled> & {
  readonly [Field in Filled]-?: WireBody<Name>[Field];
};
/** Likewise of a page, whose cursor is read into the place that it stands for. */
type PageAfter<Name extends "browse" | "listDocuments" | "listKeys" | "listOutbox" | "search", Place> = Omit<
  Read<Name, "limit">,
  "cursor"
> & { readonly after: Place };
/** An answer to a page of the same: where the next begins; null: it was the last. */
type AnswerUpTo<Name extends OperationName, Place> = Omit<WireAnswer<Name>, "cursor"> & {
  readonly after: Place | null;
};

export interface EnqueueInput {
  readonly tasks: readonly NewTask[];
  /** Absent: the call is taken as often as it comes. */
  readonly call?: NumberedCall;
  /** The trace of those tasks that name none. It is no part of what a numbered call asks for: each sending has its own. */
  readonly trace?: TraceContext;
}

/** Which lanes a claim takes from: in order of preference, or taking turns. */
export type LaneChoice = { readonly inOrder: readonly string[] } | Exclude<WireLanes, readonly string[]>;

export interface ClaimInput extends Omit<Read<"claim", "max">, "lanes"> {
  readonly lanes: LaneChoice;
  /** The claim lasts this long at least, whatever the queue's setting. ms, default 0. */
  readonly leastTimeoutMs?: number;
  /** A socket's own name: what it claims counts against its credit, and can be given back when it closes. */
  readonly holder?: string;
  /** Who alone may settle what is claimed, of those whose tokens are limited to their own claims. Absent: it is not marked. */
  readonly owner?: string;
  /** Names a claim that waits, so that it can be given up. */
  readonly ticket?: string;
  /** Payload bytes after which no further task is taken; at least one is. Default: no bound of its own; LIMITS.answerBytes holds for every claim. */
  readonly maxBytes?: number;
}

export interface NackItem extends WireNackOptions {
  readonly claim: ClaimRef;
}

/** Where a page of tasks ended. A number: the key that a page of all tasks has come to; 0: from the start. */
export type TaskPlace = number | BrowsePlace;

export type BrowseInput = PageAfter<"browse", TaskPlace>;

export interface SearchInput extends Omit<PageAfter<"search", TaskPlace>, "query"> {
  /** All are required. */
  readonly terms: readonly SearchTerm[];
}

export interface ApplyInput
  extends SearchInput, Omit<Read<"apply", "delayMs" | "force" | "dryRun">, "query" | "limit" | "cursor"> {
  /** When the first call of several began. Absent: this is it. */
  readonly startedAt?: number;
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

export interface RedriveInput extends Omit<Read<"redrive", "limit">, "cursor"> {
  readonly after?: RedrivePlace;
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
  /** The same has just failed, since the disk was full. */
  | { readonly kind: "storage-full" }
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
  /** With `retryAfterMs` where callers are asked to retry one after the other. */
  | { readonly kind: "overloaded"; readonly reason: string; readonly retryAfterMs?: number }
  /** A turn of a call that is divided over several failed. `results`: of the claims that those before had come to. */
  | {
      readonly kind: "unfinished";
      readonly error: string;
      readonly results: readonly (ItemResult & { readonly claim: string })[];
    };

/**
 * Operations whose input and answer are those of the wire: no line is needed for one. A page's `limit` is filled in, and the one that takes
 * nothing is given null.
 */
type PlainOperations = {
  [Name in Exclude<OperationName, keyof OwnOperations>]: {
    input: keyof WireBody<Name> extends string ? Read<Name, Extract<"limit", keyof WireBody<Name>>> : null;
    answer: { kind: "done" } & WireAnswer<Name>;
  };
};

/** Those of which something is read into another form, or answered from it. */
interface OwnOperations {
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
    input: Omit<WireBody<"extend">, "claims"> & { readonly claims: readonly ClaimRef[] };
    answer: { kind: "extended"; results: ExtendResult[] };
  };
  getTask: { input: WireBody<"getTask">; answer: { kind: "task"; task: BrowsedTask } };
  changeTask: {
    input: Pick<WireBody<"changeTask">, "id" | "version" | "redrive"> & { readonly change: TaskChange };
    answer: { kind: "task"; task: BrowsedTask };
  };
  cancelTask: { input: Read<"cancelTask", "force">; answer: { kind: "cancelled" } & WireAnswer<"cancelTask"> };
  releaseTask: { input: WireBody<"releaseTask">; answer: { kind: "task"; task: BrowsedTask } };
  browse: { input: BrowseInput; answer: { kind: "page"; tasks: BrowsedTask[]; after: TaskPlace | null } };
  search: {
    input: SearchInput;
    answer: { kind: "found"; tasks: BrowsedTask[] } & Omit<AnswerUpTo<"search", TaskPlace>, "tasks">;
  };
  apply: { input: ApplyInput; answer: { kind: "applied"; startedAt: number } & AnswerUpTo<"apply", TaskPlace> };
  getQueue: { input: null; answer: { kind: "queue"; queue: QueueView } };
  configure: { input: { readonly settings: SettingsPatch }; answer: { kind: "queue"; queue: QueueView } };
  redrive: { input: RedriveInput; answer: { kind: "redriven" } & Omit<AnswerUpTo<"redrive", RedrivePlace>, "more"> };
  modify: { input: ModifyInput; answer: { kind: "modified" } & Modified };
  getDocument: { input: WireBody<"getDocument">; answer: { kind: "document"; document: Document } };
  putDocument: {
    /** `value`: JSON text. */
    input: Omit<WireBody<"putDocument">, "value"> & Pick<Document, "value">;
    answer: { kind: "document"; document: Document };
  };
  /** `after`: a key; "" for the first page. */
  listDocuments: {
    input: PageAfter<"listDocuments", string>;
    answer: { kind: "documents"; documents: Document[]; after: string | null };
  };
  /** Likewise. */
  listKeys: {
    input: PageAfter<"listKeys", string>;
    answer: { kind: "keys"; keys: readonly KeyReport[]; after: string | null };
  };
  getKey: { input: WireBody<"getKey">; answer: { kind: "key"; report: KeyReport } };
  setKey: { input: { readonly key: string; readonly patch: KeyPatch }; answer: { kind: "key"; report: KeyReport } };
  resetKey: { input: WireBody<"resetKey">; answer: { kind: "key"; report: KeyReport } };
  unblockKey: { input: WireBody<"unblockKey">; answer: { kind: "key"; report: KeyReport } };
  getHistory: { input: Read<"getHistory", "stepMs">; answer: { kind: "history"; history: HistoryView } };
  getCost: { input: null; answer: { kind: "cost"; cost: CostView } };
  listOutbox: {
    input: PageAfter<"listOutbox", OutboxPlace | null>;
    answer: { kind: "outbox" } & AnswerUpTo<"listOutbox", OutboxPlace>;
  };
  /** `after` null: a new export begins, or it has ended. */
  exportQueue: {
    input: { readonly after: ExportPlace | null };
    answer: { kind: "exported"; records: readonly TransferRecord[] } & Omit<
      AnswerUpTo<"exportQueue", ExportPlace>,
      "records"
    >;
  };
  /** The database was put back: nothing that was given out since matches from now on. null: for the first time. */
  reincarnate: {
    input: {
      /** How often it has been put back, this time included, of which its own database cannot know. */
      readonly times: number;
    } | null;
    answer: { kind: "reincarnated" } & WireAnswer<"reincarnate">;
  };
  importQueue: {
    input: Omit<Read<"importQueue", "isLast" | "replace">, "records"> & { readonly records: readonly TransferRecord[] };
    answer: { kind: "imported" } & WireAnswer<"importQueue">;
  };
}

/** Every operation of a queue: its checked input and, beside a refusal, its answer. */
export interface Operations extends OwnOperations, PlainOperations {}

export type InputOf<Name extends OperationName> = Operations[Name]["input"];
export type OutcomeOf<Name extends OperationName> = Operations[Name]["answer"] | Refusal;
