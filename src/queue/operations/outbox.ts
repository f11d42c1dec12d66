// Messages that have not arrived at other queues, and why; and their retry by hand.

import { LIMITS } from "../../core/limits.ts";
import type { OutboxMessage } from "../../core/outbox-message.ts";
import type { OutboxEntry } from "../../store/outbox-statements.ts";
import type { ByName } from "./run.ts";

/** Also of a deleted queue: what it owes others it still owes. */
export const listOutbox: ByName<"listOutbox"> = (state, { limit, after }) => {
  if (state.row === null) return { kind: "queue-not-found" };
  const rows = state.outbox.page(after?.queue ?? "", after?.seq ?? 0, limit);
  const last = rows.length < limit ? undefined : rows.at(-1);
  return {
    kind: "outbox",
    messages: rows.map(asMessage),
    after: last === undefined ? null : { queue: last.receiver, seq: last.seq },
  };
};

/**
 * Sends parked messages again, all or those to one queue. Each was withdrawn, so its receiver has not taken it and will
 * not take its old number; under a new one it goes after what is waiting already (P9).
 */
export const retryOutbox: ByName<"retryOutbox"> = (state, { queue, limit }, now) => {
  if (state.row === null) return { kind: "queue-not-found" };
  const { messages, bytes, more } = state.outbox.sendAgain(queue ?? null, limit, now);
  state.scans.rewrote(bytes);
  return { kind: "done", messages, more };
};

/** The name of a message in its outbox. */
export function messageName(seq: number): string {
  return seq.toString(36);
}

function asMessage({ receiver, seq, kind, id, createdAt, attempts, parked, error }: OutboxEntry): OutboxMessage {
  return {
    queue: receiver,
    message: messageName(seq),
    kind,
    id,
    createdAt,
    state: parked === 1 ? "parked" : "waiting",
    refusals: Math.min(attempts, LIMITS.outboxRefusals),
    error,
  };
}
