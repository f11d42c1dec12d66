// A task as its producer gives it, and what comes of it: written, or changed before it is claimed.

import type { Payload } from "./task.ts";

export type { WireEnqueuedTask as EnqueuedTask } from "../protocol/wire-task.ts";

export interface NewTask {
  readonly payload: Payload;
  /** Absent: JSON. */
  readonly contentType?: string;
  /** The producer's own id, which is its idempotency key (P10). Absent: the queue makes one. */
  readonly id?: string;
  readonly delayMs?: number;
  readonly visibleAt?: number;
  readonly lane?: string;
  /** What it belongs to: order, concurrency, rate and turns are kept per key. */
  readonly key?: string;
  /** What an attempt takes of a rate. Default 1. */
  readonly cost?: number;
  readonly priority?: number;
  readonly ttlMs?: number;
  readonly maxAttempts?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface TaskChange {
  readonly payload?: Payload;
  /** With `payload`: null is JSON. */
  readonly contentType?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
  readonly lane?: string;
  /** null: it has none any longer. */
  readonly key?: string | null;
  readonly priority?: number;
  readonly delayMs?: number;
  readonly visibleAt?: number;
}
