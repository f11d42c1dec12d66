// Delivers the outbox: to each receiver in order, one batch at a time, until it is taken, or refused so often that it is
// parked. Knows neither the platform nor the database: what it needs of them is a Sender.

import { LIMITS } from "../../core/limits.ts";
import { messageBytes, WITHDRAWAL, type Message, type ReceiveOutcome } from "./message.ts";
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
  /** Puts a message aside for good, until somebody asks for it to be sent again, and notifies the owner. */
  park(receiver: string, seq: number, reason: string): void;
  deliver(receiver: string, messages: readonly Message[]): Promise<ReceiveOutcome>;
  /** For the log. */
  report(what: string, error: unknown): void;
  /** Whether one call's messages more may be held until it ends. */
  hasRoom(): boolean;
  hold(bytes: number): void;
  release(bytes: number): void;
  /** Runs `action` after `ms` milliseconds, however the clock is set meanwhile, unless the returned function is called before. */
  later(ms: number, action: () => void): () => void;
  random(): number;
  now(): number;
}

export class Courier {
  readonly #sender: Sender;
  readonly #refusals: number;
  /** Receivers whose turn has come; they are served as soon as one of those under way is done. */
  readonly #waiting = new Set<string>();
  readonly #underWay = new Set<string>();
  readonly #retries = new Map<string, { failures: number; at: number }>();
  /** Those who have a place, and wait until there is room in memory for what they send. */
  #waitingForRoom: (() => void)[] = [];
  /** Calls that took too long and have not ended yet, by receiver. */
  readonly #unanswered = new Map<string, number>();

  /** @param refusals after how many of them a message is parked */
  constructor(sender: Sender, refusals: number = LIMITS.outboxRefusals) {
    this.#sender = sender;
    this.#refusals = refusals;
  }

  /** Whether a receiver is being served or about to be: what becomes of its messages is not known yet. */
  get isUnderWay(): boolean {
    return this.#underWay.size > 0 || this.#waiting.size > 0;
  }

  /** The earliest next attempt; null: nothing waits for one. A receiver that is being served waits for its answer alone. */
  nextAt(): number | null {
    let next: number | null = null;
    for (const [receiver, { at }] of this.#retries) {
      if (!this.#isServed(receiver)) next = next === null ? at : Math.min(next, at);
    }
    return next;
  }

  /**
   * Goes to every receiver that is not waiting for its next attempt, those whose attempt is due among them. Resolves when those
   * whom this call has begun to serve are done. Never throws.
   */
  async deliver(receivers: Iterable<string>, now: number): Promise<void> {
    for (const receiver of [...receivers, ...this.#retries.keys()]) {
      const isDue = (this.#retries.get(receiver)?.at ?? now) <= now;
      if (isDue && !this.#underWay.has(receiver)) this.#waiting.add(receiver);
    }
    const begun: Promise<void>[] = [];
    while (this.#waiting.size > 0 && this.#underWay.size < LIMITS.outboxReceivers) begun.push(this.#serveNext());
    await Promise.all(begun);
  }

  #isServed(receiver: string): boolean {
    return this.#underWay.has(receiver) || this.#waiting.has(receiver);
  }

  /** Serves one receiver after another. All calls of `deliver` share the places of those under way. */
  async #serveNext(): Promise<void> {
    for (const receiver of this.#waiting) {
      this.#waiting.delete(receiver);
      this.#underWay.add(receiver);
      await this.#serve(receiver);
    }
  }

  async #serve(receiver: string): Promise<void> {
    let first: OutboxRow | undefined;
    try {
      for (;;) {
        // Read only when there is room: what has been read is in memory. What another lets go of makes room, since nobody else
        // holds any of it.
        while (!this.#sender.hasRoom()) await new Promise<void>((goOn) => this.#waitingForRoom.push(goOn));
        const rows = this.#sender.pendingFor(receiver);
        [first] = rows;
        if (first === undefined) break;
        const isWithdrawn = first.attempts >= this.#refusals;
        const read = rows.map(asMessage);
        const messages = isWithdrawn ? [withdrawalOf(first)] : read;
        const outcome = await this.#whileHeld(read, () => this.#call(receiver, messages));
        const last = messages.at(-1)?.seq ?? first.seq;
        if (!this.#settle(receiver, first, last, outcome)) return;
      }
      this.#retries.delete(receiver);
    } catch (error) {
      this.#retryLater(receiver);
      if (first !== undefined) this.#remember(receiver, first.seq, error);
    } finally {
      this.#underWay.delete(receiver);
    }
  }

  /** Why it failed is only for people: where even that cannot be written, on a full disk say, the others are served all the same. */
  #remember(receiver: string, seq: number, error: unknown): void {
    try {
      this.#sender.failed(receiver, seq, errorText(error));
    } catch (unwritten) {
      this.#sender.report(`why ${receiver} could not be sent its messages cannot be written`, unwritten);
    }
  }

  /** Counts what a call holds until it has ended or is given up: what is still on its way then is the platform's. */
  async #whileHeld<Answer>(messages: readonly Message[], call: () => Promise<Answer>): Promise<Answer> {
    const bytes = messageBytes(messages);
    this.#sender.hold(bytes);
    try {
      return await call();
    } finally {
      this.#sender.release(bytes);
      const waiting = this.#waitingForRoom;
      this.#waitingForRoom = [];
      for (const goOn of waiting) goOn();
    }
  }

  /**
   * Rejects if the receiver does not answer in time. The call cannot be taken back, so that it may still arrive; sent again
   * under their numbers, its messages are taken once all the same (P9). A receiver that leaves call after call unanswered is
   * not called again before one of them has ended, so that they do not pile up.
   */
  #call(receiver: string, messages: readonly Message[]): Promise<ReceiveOutcome> {
    const unanswered = this.#unanswered.get(receiver) ?? 0;
    if (unanswered >= LIMITS.outboxUnanswered) throw new Error(`${unanswered} calls are still unanswered`);
    const answer = this.#sender.deliver(receiver, messages);
    return new Promise((resolve, reject) => {
      let isLate = false;
      const cancel = this.#sender.later(LIMITS.outboxAnswerMs, () => {
        isLate = true;
        this.#unanswered.set(receiver, unanswered + 1);
        reject(new Error(`no answer within ${LIMITS.outboxAnswerMs} ms`));
      });
      const end = (): void => {
        if (isLate) this.#ended(receiver);
        else cancel();
      };
      void answer.then(resolve, reject).finally(end);
    });
  }

  /** A call that was given up has ended after all. */
  #ended(receiver: string): void {
    const unanswered = (this.#unanswered.get(receiver) ?? 0) - 1;
    if (unanswered > 0) this.#unanswered.set(receiver, unanswered);
    else this.#unanswered.delete(receiver);
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
        this.#sender.park(receiver, outcome.seq, first.error ?? "");
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
