// What delivery reads and writes of a queue's outbox. Decides nothing.

import { LIMITS } from "../../core/limits.ts";
import type { OutboxRow, OutboxStatements } from "../../store/outbox-statements.ts";

/** @param outbox asked for each time: a failed turn opens the queue anew */
export function senderOver(outbox: () => OutboxStatements) {
  return {
    pendingFor: (receiver: string): OutboxRow[] =>
      outbox().pendingFor(receiver, LIMITS.outboxBatch, LIMITS.outboxBatchBytes),
    taken: (receiver: string, upTo: number): void => outbox().deleteUpTo(receiver, upTo),
    refused: (receiver: string, seq: number, reason: string): void => outbox().refused(receiver, seq, reason),
    failed: (receiver: string, seq: number, error: string): void => outbox().failed(receiver, seq, error),
    park: (receiver: string, seq: number): void => outbox().park(receiver, seq),
  };
}
