// A task as people and programs see it, outside of its storage.

import type { WireBrowsedTask, WireOrigin, WireTask } from "../protocol/wire-task.ts";

export type { WireOrigin as DeadLetterOrigin, WireTaskState as TaskState } from "../protocol/wire-task.ts";

/** JSON text, other text, or bytes. The content type tells which; null: JSON. */
export type Payload = string | Uint8Array;

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
  /** The error of the last failed attempt. */
  readonly error: string | null;
  readonly origin: WireOrigin | null;
}

export interface ClaimedTask extends Task {
  readonly claim: string;
  readonly claimedUntil: number;
}

/** What pages show of a task beside the task. */
export type BrowsedTask = Task & Omit<WireBrowsedTask, keyof WireTask>;
