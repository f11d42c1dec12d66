// How a key stands, what is set for it, and why a task is not offered.

import type { WireKey, WireKeyLimit } from "../protocol/wire-key.ts";
import type { WireRate } from "../protocol/wire-queue.ts";

export type { WireKeyPatch as KeyPatch, WireLimited as Limited } from "../protocol/wire-key.ts";
export type { WireTaskLimited as TaskLimited } from "../protocol/wire-task.ts";

export const KEY_LIMITS = [
  "paused",
  "blocked",
  "order",
  "concurrency",
  "limitKey",
  "rate",
] as const satisfies readonly WireKeyLimit[];

/** What holds for one key instead; absent: what the queue says. */
export interface KeyOverride {
  readonly concurrency?: number;
  readonly rate?: WireRate;
  readonly weight?: number;
  readonly paused?: boolean;
}

export interface KeyReport extends Omit<WireKey, "override"> {
  readonly override: KeyOverride;
}
