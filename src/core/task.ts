// A task as people and programs see it, outside of its storage.

import type { WireBrowsedTask, WireTask } from "../protocol/wire-task.ts";

export type { WireOrigin as DeadLetterOrigin, WireTaskState as TaskState } from "../protocol/wire-task.ts";

/** JSON text, other text, or bytes. The content type tells which; null: JSON. */
export type Payload = string | Uint8Array;

export interface Task extends Omit<WireTask, "key" | "cost" | "payload" | "encoding" | "contentType"> {
  readonly key?: string | undefined;
  readonly cost?: number | undefined;
  readonly payload: Payload;
  readonly contentType: string | null;
}

export interface ClaimedTask extends Task {
  readonly claim: string;
  readonly claimedUntil: number;
}

/** What pages show of a task beside the task. */
export type BrowsedTask = Task & Omit<WireBrowsedTask, keyof WireTask>;
