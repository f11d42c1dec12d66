// A task as its producer gives it, and what comes of it: written, or changed before it is claimed.

import type { WireNewTask, WireTaskChange } from "../protocol/wire-task.ts";
import type { Payload } from "./task.ts";

export type { WireEnqueuedTask as EnqueuedTask } from "../protocol/wire-task.ts";

export interface NewTask extends Omit<WireNewTask, "payload" | "encoding"> {
  readonly payload: Payload;
}

export interface TaskChange extends Omit<WireTaskChange, "payload" | "encoding" | "contentType"> {
  readonly payload?: Payload;
  /** With `payload`: null is JSON. */
  readonly contentType?: string | null;
}
