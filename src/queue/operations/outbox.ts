// What has not arrived at other queues and why; and its retry by hand.

import { LIMITS } from "../../core/limits.ts";
import type { InputOf, OutcomeOf } from "../../core/operation.ts";
import type { OutboxMessage } from "../../core/outbox-message.ts";
import type { OutboxEntry } from "../../store/outbox-statements.ts";
import type { QueueState } from "../state.ts";

/** Also of a deleted queue: what it owes others it still owes. */
export function listOutbox(state: QueueState, { limit, after }: InputOf<"listOutbox">): OutcomeOf<"listOutbox"> {
  if (state.row === null) return { kind: "queue-not-found" };
  const rows = state.outbox.page(after?.queue ?? "", after?.seq ?? 0, limit);
  const last = rows.length < limit ? undefined : rows.at(-1);
  return {
    kind: "outbox",
    messages: rows.map(asMessage),
    after: last === undefined ? null : { queue: last.receiver, seq: last.seq },
  };
}

/**
 * Sends parked messages again, all or those to one queue. Each was withdrawn, so its receiver has not taken it and will
 * not take its old number; under a new one it goes behind what is waiting already (P9).
 */
export function retryOutbox(
  state: QueueState,
  { queue, limit }: InputOf<"retryOutbox">,
  now: number,
): OutcomeOf<"retryOutbox"> {
  if (state.row === null) return { kind: "queue-not-found" };
  const messages = state.outbox.sendAgain(queue ?? null, limit, now);
  return { kind: "retried", messages, more: messages === limit };
}

/** The name of a message in its outbox. */
export function messageName(seq: number): string {
  return seq.toString(36);
}

function asMessage({ receiver, seq, kind, createdAt, attempts, parked, error, body }: OutboxEntry): OutboxMessage {
  const { id } = JSON.parse(body) as { id?: unknown };
  return {
    queue: receiver,
    message: messageName(seq),
    kind,
    id: typeof id === "string" ? id : null,
    createdAt,
    state: parked === 1 ? "parked" : "waiting",
    refusals: Math.min(attempts, LIMITS.outboxRefusals),
    error,
  };
}
