// A task as people and programs see it, outside of its storage.

import type { Attempt } from "./attempt.ts";
import type { TaskLimited } from "./key-report.ts";

/** JSON text, other text, or bytes: which of them is told by the content type (null: JSON). */
export type Payload = string | Uint8Array;

export type TaskState = "ready" | "delayed" | "claimed" | "dead";

/** Where a task came from that reached this queue as a dead letter. All of it is as it was when it died. */
export interface DeadLetterOrigin {
  readonly queue: string;
  readonly id: string;
  readonly lane: string;
  readonly attempts: number;
  readonly error: string | null;
  readonly enqueuedAt: number;
  readonly diedAt: number;
}

export interface Task {
  readonly id: string;
  /** Rises with every claim, failure and change. A stale one is refused. */
  readonly version: number;
  readonly lane: string;
  /** What it belongs to; absent: nothing. */
  readonly key?: string | undefined;
  /** What an attempt takes of a rate; absent: 1. */
  readonly cost?: number | undefined;
  readonly priority: number;
  readonly payload: Payload;
  readonly contentType: string | null;
  readonly headers: Readonly<Record<string, string>>;
  /** Claims so far, the present one included. */
  readonly attempts: number;
  /** The task's own limit; null: the queue's. */
  readonly maxAttempts: number | null;
  readonly enqueuedAt: number;
  readonly visibleAt: number;
  /** When its own TTL ends; null: it has none. */
  readonly expiresAt: number | null;
  /** What the last failed attempt said. */
  readonly error: string | null;
  readonly origin: DeadLetterOrigin | null;
}

export interface ClaimedTask extends Task {
  readonly claim: string;
  readonly claimedUntil: number;
}

export interface BrowsedTask extends Task {
  readonly state: TaskState;
  readonly claimedUntil: number | null;
  readonly claimant: string | null;
  /** Why it is not offered though it is ready, or rests as one that is slowed; absent: nothing holds it back. */
  readonly limited?: TaskLimited;
  readonly diedAt: number | null;
  /** Since when its present claim is held; absent: it is not claimed, or that is not known. */
  readonly claimedAt?: number;
  /** The last LIMITS.pastAttempts that ended, the oldest first. Absent in pages, unless they are asked for. */
  readonly pastAttempts?: readonly Attempt[];
}
