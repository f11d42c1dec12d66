// Tasks as users of the client see them: the wire's, with their payloads decoded and typed.

import type { WireBrowsedTask, WireClaimedTask, WireNewTask, WireTask } from "../protocol/wire-task.ts";
import { decodePayload } from "./payload.ts";

/** Options of a task when it is enqueued. */
export interface TaskOptions extends Omit<WireNewTask, "payload" | "encoding" | "contentType"> {
  /** A string payload is sent as text of this type instead of JSON; bytes are `application/octet-stream` without it. */
  readonly contentType?: string;
}

export interface NewTask<Payload> extends TaskOptions {
  readonly payload: Payload;
}

type Decoded<Task extends WireTask, Payload> = Omit<Task, "payload" | "encoding" | "contentType"> & {
  readonly payload: Payload;
  /** null: JSON. */
  readonly contentType: string | null;
};

/** A task that is claimed: hand it to ack, nack or extend before `claimedUntil`. */
export type ClaimedTask<Payload = unknown> = Decoded<WireClaimedTask, Payload>;

/** A task as browsing shows it. */
export type BrowsedTask<Payload = unknown> = Decoded<WireBrowsedTask, Payload>;

export function decodedTask<Task extends WireTask, Payload>(task: Task): Decoded<Task, Payload> {
  const { payload, encoding, contentType, ...rest } = task;
  return {
    ...rest,
    payload: decodePayload(payload, encoding) as Payload,
    contentType: contentType ?? null,
  };
}

/** A claimed task, or its claim token alone. */
export type ClaimRef = string | Pick<ClaimedTask, "claim" | "claimedUntil">;
