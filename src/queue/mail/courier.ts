// Delivers the outbox: to each receiver in order, one batch at a time, until it is taken, or refused so often that it is
// parked. Knows neither the platform nor the database: what it needs of them is a Sender.

import { LIMITS } from "../../core/limits.ts";
import { WITHDRAWAL, type Message, type ReceiveOutcome } from "./message.ts";
import { payloadOf } from "../tasks/task-view.ts";
import type { OutboxRow } from "../../store/outbox-statements.ts";

/** Between attempts at one receiver; doubles, with jitter, up to the longest. */
const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 300_000;

/** What delivery needs from its object. Each change is a commit of its own. */
export interface Sender {
  /** The next messages for a receiver, as many as one call carries; those that are parked are passed over. */
  pendingFor(receiver: string): OutboxRow[];
  /** Forgets the messages that a receiver has taken. */
  taken(receiver: string, upTo: number): void;
  /** Counts a refusal of a message. */
  refused(receiver: string, seq: number, reason: string): void;
  /** Remembers why it is not known whether a message was taken. */
  failed(receiver: string, seq: number, error: string): void;
  /** Puts a message aside for good, until somebody asks for it to be sent again. */
  park(receiver: string, seq: number): void;
  deliver(receiver: string, messages: readonly Message[]): Promise<ReceiveOutcome>;
  random(): number;
  now(): number;
}

export class Courier {
  readonly #sender: Sender;
  readonly #refusals: number;
  readonly #underWay = new Set<string>();
  readonly #retries = new Map<string, { failures: number; at: number }>();

  /** @param refusals after how many of them a message is parked */
  constructor(sender: Sender, refusals: number = LIMITS.outboxRefusals) {
    this.#sender = sender;
    this.#refusals = refusals;
  }

  /** Whether a receiver is being served: what becomes of its messages is not known yet. */
  get isUnderWay(): boolean {
    return this.#underWay.size > 0;
  }

  /** The earliest next attempt; null: nothing waits for one. A receiver that is being served waits for its answer alone. */
  nextAt(): number | null {
    let next: number | null = null;
    for (const [receiver, { at }] of this.#retries) {
      if (!this.#underWay.has(receiver)) next = next === null ? at : Math.min(next, at);
    }
    return next;
  }

  /**
   * Goes to every receiver that is not being served and not waiting for its next attempt, a bounded number at a time.
   * Never throws.
   */
  async deliver(receivers: Iterable<string>, now: number): Promise<void> {
    const due = new Set(receivers);
    for (const [receiver, retry] of this.#retries) {
      if (retry.at <= now) due.add(receiver);
      else due.delete(receiver);
    }
    const waiting = [...due].filter((receiver) => !this.#underWay.has(receiver));
    for (const receiver of waiting) this.#underWay.add(receiver);
    const serveNext = async (): Promise<void> => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await this.#serve(next);
    };
    await Promise.all(Array.from({ length: Math.min(LIMITS.outboxReceivers, waiting.length) }, serveNext));
  }

  async #serve(receiver: string): Promise<void> {
    let first: OutboxRow | undefined;
    try {
      for (;;) {
        const rows = this.#sender.pendingFor(receiver);
        [first] = rows;
        if (first === undefined) break;
        const isWithdrawn = first.attempts >= this.#refusals;
        const messages = isWithdrawn ? [withdrawalOf(first)] : rows.map(asMessage);
        const outcome = await this.#sender.deliver(receiver, messages);
        const last = messages.at(-1)?.seq ?? first.seq;
        if (!this.#settle(receiver, first, last, outcome)) return;
      }
      this.#retries.delete(receiver);
    } catch (error) {
      this.#retryLater(receiver);
      if (first !== undefined) this.#sender.failed(receiver, first.seq, errorText(error));
    } finally {
      this.#underWay.delete(receiver);
    }
  }

  /** Writes down what the receiver answered. True: there may be more to send at once. */
  #settle(receiver: string, first: OutboxRow, last: number, outcome: ReceiveOutcome): boolean {
    switch (outcome.kind) {
      case "received":
        if (outcome.upTo < first.seq) throw new Error(`answered for ${outcome.upTo}, was sent ${first.seq} to ${last}`);
        this.#sender.taken(receiver, Math.min(outcome.upTo, last));
        this.#retries.delete(receiver);
        return true;
      case "refused": {
        if (outcome.upTo >= first.seq) this.#sender.taken(receiver, outcome.upTo);
        this.#sender.refused(receiver, outcome.seq, outcome.reason);
        const refusals = outcome.seq === first.seq ? first.attempts + 1 : 1;
        if (refusals >= this.#refusals) return true;
        this.#retryLater(receiver);
        return false;
      }
      case "withdrawn":
        this.#sender.park(receiver, outcome.seq);
        return true;
      default:
        return outcome satisfies never;
    }
  }

  #retryLater(receiver: string): void {
    const failures = (this.#retries.get(receiver)?.failures ?? 0) + 1;
    const delayMs = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** (failures - 1));
    const at = this.#sender.now() + Math.round(delayMs * (1 - 0.2 * this.#sender.random()));
    this.#retries.set(receiver, { failures, at });
  }
}

function asMessage({ seq, kind, body, payload }: OutboxRow): Message {
  return { seq, kind, body, payload: payload === null ? null : payloadOf(payload) };
}

function withdrawalOf({ seq }: OutboxRow): Message {
  return { seq, kind: WITHDRAWAL, body: "{}", payload: null };
}

function errorText(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.slice(0, LIMITS.errorLength).toWellFormed();
}
