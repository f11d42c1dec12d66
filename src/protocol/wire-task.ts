// A task as it travels in JSON: what producers send and what claims and pages answer with.

import type { WireKeyLimit } from "./wire-key.ts";

/** How the payload is written: as the JSON value it is, as text under its content type, or as bytes in base64. */
export type WireEncoding = "json" | "text" | "base64";

export interface WireNewTask {
  readonly payload: unknown;
  /** Default `json`. */
  readonly encoding?: WireEncoding;
  /** With `text` and `base64` only. */
  readonly contentType?: string;
  /** The producer's own id, which is its idempotency key (P10). */
  readonly id?: string;
  /** ms, 0 to 366 days. Not together with `visibleAt`. */
  readonly delayMs?: number;
  readonly visibleAt?: number;
  /** Default `main`. */
  readonly lane?: string;
  /** What it belongs to: order, concurrency, rate and turns are kept per key. 1 to 128 characters. */
  readonly key?: string;
  /** What an attempt takes of a rate. 1 to 1,000, default 1. */
  readonly cost?: number;
  /** -100 to 100, default 0; the higher is offered first. */
  readonly priority?: number;
  /** ms, 1 to 366 days. */
  readonly ttlMs?: number;
  /** 1 to 1,000; absent: the queue's. */
  readonly maxAttempts?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What is to be different; a payload replaces encoding and content type with it. */
export interface WireTaskChange {
  readonly payload?: unknown;
  readonly encoding?: WireEncoding;
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly lane?: string;
  /** null: none any longer. */
  readonly key?: string | null;
  readonly priority?: number;
  readonly delayMs?: number;
  readonly visibleAt?: number;
}

export interface WireEnqueuedTask {
  readonly id: string;
  readonly version: number;
  readonly visibleAt: number;
  /** True: the id was known already, and nothing was written (P10). */
  readonly duplicate: boolean;
  /** Of a duplicate, where its task stands; `done`: finished within the dedupe window. Absent: the server does not say. */
  readonly state?: WireTaskState | "done";
}

/** Where a task came from that reached its queue as a dead letter. All of it is as it was when it died. */
export interface WireOrigin {
  readonly queue: string;
  readonly id: string;
  readonly lane: string;
  readonly attempts: number;
  readonly error: string | null;
  readonly enqueuedAt: number;
  readonly diedAt: number;
}

export interface WireTask {
  readonly id: string;
  /** Rises with every claim, failure and change. A stale one is refused. */
  readonly version: number;
  readonly lane: string;
  /** Absent: it has none. */
  readonly key?: string;
  /** Absent: 1. */
  readonly cost?: number;
  readonly priority: number;
  readonly payload: unknown;
  readonly encoding: WireEncoding;
  /** Absent with `json`. */
  readonly contentType?: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Claims so far, the present one included. */
  readonly attempts: number;
  /** The task's own limit; null: the queue's. */
  readonly maxAttempts: number | null;
  readonly enqueuedAt: number;
  readonly visibleAt: number;
  /** When its own TTL ends; null: it has none. */
  readonly expiresAt: number | null;
  /** The error of the last failed attempt. */
  readonly error: string | null;
  readonly origin: WireOrigin | null;
}

export interface WireClaimedTask extends WireTask {
  /** The token that fences ack, nack and extend (P4). */
  readonly claim: string;
  readonly claimedUntil: number;
}

/**
 * - `failed`, `expired`: it was nacked, or its claim ran out; the attempt counts
 * - `snoozed`, `released`: it was given back; the attempt does not count
 * - `acked`: a modify ended it and had the task begin again
 */
export type WireAttemptOutcome = "failed" | "expired" | "snoozed" | "released" | "acked";

/** An attempt that has ended while its task was kept. */
export interface WireAttempt {
  /** Which it was, from 1. One that did not count has the number of the next. */
  readonly attempt: number;
  /** Since when the task could have been claimed. */
  readonly readyAt: number;
  /** null: not known, as its claim was made by an earlier version. */
  readonly claimedAt: number | null;
  readonly claimant: string | null;
  /** When the claim ended; of an expired one, its deadline. */
  readonly endedAt: number;
  readonly outcome: WireAttemptOutcome;
  /** Cut after 256 characters; the last error is whole in the task's `error`. */
  readonly error: string | null;
}

export type WireTaskState = "ready" | "delayed" | "claimed" | "dead";

/** What holds a ready task back: a setting of its queue, or of its key; or a delayed one, that it is given back without end. */
export interface WireTaskLimited {
  readonly by: WireKeyLimit | "maxInFlight" | "returns";
  readonly of: "queue" | "key" | "task";
  /** null: until something changes. */
  readonly until: number | null;
}

export interface WireBrowsedTask extends WireTask {
  readonly state: WireTaskState;
  readonly claimedUntil: number | null;
  readonly claimant: string | null;
  /** Why it is not offered though it is ready, or rests as one that is slowed; absent: nothing holds it back. */
  readonly limited?: WireTaskLimited;
  readonly diedAt: number | null;
  /** Since when its present claim is held; absent: it is not claimed, or that is not known. */
  readonly claimedAt?: number;
  /** The last 16 attempts that have ended, the oldest first. Absent in pages, unless they are asked for. */
  readonly pastAttempts?: readonly WireAttempt[];
}
