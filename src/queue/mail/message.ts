// A message from one queue to another, and what its receiver answers.

import type { Payload } from "../../core/task.ts";

/** What is sent in a message's stead, under its number, to take it back. */
export const WITHDRAWAL = "withdrawal";

export interface Message {
  /** Above all that its sender sent to this receiver before. */
  readonly seq: number;
  readonly kind: string;
  readonly body: string;
  readonly payload: Payload | null;
}

/** What they hold in memory, in bytes or in UTF-16 units of text. */
export function messageBytes(messages: readonly Pick<Message, "body" | "payload">[]): number {
  return messages.reduce((sum, { body, payload }) => sum + body.length + (payload?.length ?? 0), 0);
}

export type ReceiveOutcome =
  /** All up to this number are taken, by this call or before. */
  | { readonly kind: "received"; readonly upTo: number }
  /** All up to `upTo` are taken; the one numbered `seq`, which comes next, is not, nor any after it. */
  | { readonly kind: "refused"; readonly upTo: number; readonly seq: number; readonly reason: string }
  /** The message was not taken, and never will be. */
  | { readonly kind: "withdrawn"; readonly seq: number };
