// Delivers the outbox: to each receiver in order, one batch at a time, again after a growing delay until it is taken.

import { LIMITS } from "../core/limits.ts";
import type { Message, ReceiveOutcome } from "../queue/receive.ts";
import { payloadOf } from "../queue/task-view.ts";
import type { OutboxRow } from "../store/outbox-statements.ts";

/** Between attempts at one receiver; doubles, with jitter, up to the longest. */
const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 300_000;

/** What delivery needs from its object. */
export interface Sender {
  pendingFor(receiver: string, limit: number): OutboxRow[];
  /** Forgets the messages that a receiver has taken. */
  taken(receiver: string, upTo: number): void;
  deliver(receiver: string, messages: readonly Message[]): Promise<ReceiveOutcome>;
  random(): number;
  now(): number;
}

export class Courier {
  readonly #sender: Sender;
  readonly #underWay = new Set<string>();
  readonly #retries = new Map<string, { failures: number; at: number }>();

  constructor(sender: Sender) {
    this.#sender = sender;
  }

  /** The earliest next attempt; null: nothing waits for one. */
  nextAt(): number | null {
    let next: number | null = null;
    for (const { at } of this.#retries.values()) next = next === null ? at : Math.min(next, at);
    return next;
  }

  /** Goes to every receiver that is not being served and not waiting for its next attempt. Never throws. */
  async deliver(receivers: Iterable<string>, now: number): Promise<void> {
    const due = new Set(receivers);
    for (const [receiver, retry] of this.#retries) {
      if (retry.at <= now) due.add(receiver);
      else due.delete(receiver);
    }
    await Promise.all(Array.from(due, (receiver) => this.#serve(receiver)));
  }

  async #serve(receiver: string): Promise<void> {
    if (this.#underWay.has(receiver)) return;
    this.#underWay.add(receiver);
    try {
      for (;;) {
        const rows = batchOf(this.#sender.pendingFor(receiver, LIMITS.outboxBatch));
        if (rows.length === 0) break;
        const { upTo } = await this.#sender.deliver(receiver, rows.map(asMessage));
        this.#sender.taken(receiver, upTo);
        this.#retries.delete(receiver);
      }
      this.#retries.delete(receiver);
    } catch (error) {
      const failures = (this.#retries.get(receiver)?.failures ?? 0) + 1;
      const delayMs = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** (failures - 1));
      const at = this.#sender.now() + Math.round(delayMs * (1 - 0.2 * this.#sender.random()));
      this.#retries.set(receiver, { failures, at });
      console.warn(`edgeq: outbox to ${receiver}, attempt ${failures} failed, again in ${delayMs} ms:`, error);
    } finally {
      this.#underWay.delete(receiver);
    }
  }
}

/** As many as one call may carry; always at least one. */
function batchOf(rows: readonly OutboxRow[]): OutboxRow[] {
  let bytes = 0;
  return rows.filter((row, index) => {
    bytes += row.body.length + (typeof row.payload === "string" ? row.payload.length : (row.payload?.byteLength ?? 0));
    return index === 0 || bytes <= LIMITS.outboxBatchBytes;
  });
}

function asMessage(row: OutboxRow): Message {
  return {
    seq: row.seq,
    kind: row.kind,
    body: row.body,
    payload: row.payload === null ? null : payloadOf(row.payload),
  };
}
