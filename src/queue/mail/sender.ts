// What delivery reads and writes of a queue's outbox. Decides nothing.

import { LIMITS } from "../../core/limits.ts";
import type { OutboxRow } from "../../store/outbox-statements.ts";
import type { QueueState } from "../state.ts";

export function senderOver({ outbox }: QueueState) {
  return {
    pendingFor: (receiver: string): OutboxRow[] =>
      outbox.pendingFor(receiver, LIMITS.outboxBatch, LIMITS.outboxBatchBytes),
    taken: (receiver: string, upTo: number): void => outbox.deleteUpTo(receiver, upTo),
    refused: (receiver: string, seq: number, reason: string): void => outbox.refused(receiver, seq, reason),
    failed: (receiver: string, seq: number, error: string): void => outbox.failed(receiver, seq, error),
    park: (receiver: string, seq: number): void => outbox.park(receiver, seq),
  };
}
