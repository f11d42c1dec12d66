// A row of `tasks`, in whole and in part, and the states that it can be in.

export const LIVE = 0;
export const DEAD = 1;
export const DONE = 2;

/** `ends_at` of what is kept for ever: the last instant that a Date can hold. */
export const NEVER_AT = 8_640_000_000_000_000;
/** `ends_at` of a dead task that its dead-letter queue has yet to be sent: it is not removed before, and sorts after all others. */
export const UNSENT_AT = NEVER_AT + 1;

export interface TaskRow {
  readonly seq: number;
  readonly version: number;
  readonly attempts: number;
  readonly state: number;
  readonly visibleAt: number | null;
  readonly endsAt: number | null;
  /** How many plain tasks this row holds; null: it is one task. */
  readonly run: number | null;
  readonly lane: string;
  readonly priority: number;
  readonly taskId: string | null;
  readonly maxAttempts: number | null;
  readonly diedAt: number | null;
  readonly contentType: string | null;
  readonly headers: string | null;
  readonly error: string | null;
  readonly origin: string | null;
  /** What an attempt takes of a rate; null: 1. */
  readonly cost: number | null;
  /** An ordered task is not offered before, in its old place. */
  readonly retryAt: number | null;
  readonly payload: string | Uint8Array | ArrayBuffer;
  /** JSON, the last attempts that have ended; null: none has. Undefined: not read along, since it stands after the payload. */
  readonly pastAttempts?: string | null | undefined;
}

/** A row without its payload, which may be a thousand times as large as the rest. */
export type TaskHead = Omit<TaskRow, "payload" | "pastAttempts">;

/** A head, and how large its payload is. */
export interface MeasuredHead extends TaskHead {
  readonly bytes: number;
}

/** What claiming needs to choose by; the payload is only measured. */
export interface Candidate extends Pick<
  TaskRow,
  "seq" | "version" | "attempts" | "visibleAt" | "endsAt" | "run" | "cost" | "retryAt"
> {
  readonly hasId: number;
  /** Of the payload. */
  readonly bytes: number;
  /** JSON, other text, or bytes. */
  readonly form: "json" | "text" | "blob";
  /** Of headers, error and origin. */
  readonly otherBytes: number;
}

/** A row that has expired. */
export interface EndedRow extends Pick<MeasuredHead, "seq" | "lane" | "priority" | "state" | "visibleAt" | "bytes"> {
  readonly hasId: number;
  readonly endsAt: number;
}

/** A candidate in whichever state and lane it is: what browsing needs to choose by. */
export interface Sighting extends Candidate {
  readonly state: number;
  readonly lane: string;
  /** Of its past attempts. Absent: it has none, as a task of a run has. */
  readonly attemptBytes?: number;
}

/** What a level offers next, without what the level says; `payload` null: it is large, and was left where it is. */
export interface AheadRow extends Pick<TaskRow, "seq" | "version" | "attempts" | "visibleAt"> {
  readonly bytes: number;
  readonly payload: TaskRow["payload"] | null;
}

/** The same as a list of its columns. */
export type AheadList = readonly [
  seq: number,
  version: number,
  attempts: number,
  visibleAt: number,
  bytes: number,
  payload: string | null,
  more: AheadMore | null,
];

/** One of the order of arrival. */
export interface PlainRow extends AheadRow {
  /** JSON of `AheadMore`. */
  readonly more: string | null;
  readonly run: number | null;
}

/** What few tasks have; null in its place: nothing of it is set. */
export type AheadMore = readonly [
  endsAt: number | null,
  taskId: string | null,
  maxAttempts: number | null,
  contentType: string | null,
  headers: string | null,
  error: string | null,
  origin: string | null,
  cost: number | null,
  retryAt: number | null,
  type: "text" | "blob",
];

export type InsertedRow = Omit<TaskRow, "run">;

/** Rows of one lane, priority and state. */
export interface CountedSlice {
  readonly lane: string;
  readonly priority: number;
  readonly state: number;
  readonly tasks: number;
  readonly delayed: number;
  /** When the first of the delayed becomes visible. */
  readonly nextAt: number | null;
  /** Of those that are visible, how many wait for their retry in their place. */
  readonly waiting: number;
}

/** How an attempt ended, as its task's row records it. */
export interface Ended {
  /** Those that count. */
  readonly attempts: number;
  readonly error: string | null;
  /** To be remembered: its text (core/attempt.ts). */
  readonly attempt: string;
}

export interface Death extends Omit<Ended, "attempt"> {
  readonly attempt: string | null;
  readonly endsAt: number;
  readonly diedAt: number;
}

/** What an id of a producer's own is looked up for. */
export interface NamedTask extends Pick<
  TaskRow,
  "seq" | "version" | "state" | "visibleAt" | "lane" | "priority" | "endsAt" | "taskId"
> {
  readonly isLetter: number;
  readonly bytes: number;
}
