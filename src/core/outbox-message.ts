// Messages on their way from a queue to another, as people see them.

export type { WireOutboxMessage as OutboxMessage } from "../protocol/wire-outbox.ts";

/** Where a page of the outbox ends: messages are in the order of their receivers, then of their sending. */
export interface OutboxPlace {
  readonly queue: string;
  readonly seq: number;
}
