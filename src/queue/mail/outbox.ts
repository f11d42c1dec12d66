// Messages that are to leave the queue. A message gets its number and is written in the commit of the change that causes it (P9); here
// messages are counted, and there is a bound to them. Knows nothing of delivery but to whom there is something to deliver.

import { LIMITS } from "../../core/limits.ts";
import { firstKeyAt } from "../../core/sequence.ts";
import type { OutboxCounts, OutboxEntry, OutboxRow, OutboxStatements } from "../../store/outbox-statements.ts";

type Unsent = Pick<OutboxRow, "receiver" | "kind" | "body">;

/** So large that a busy queue reserves once a wake. */
const SENT_BLOCK = 1_048_576;

/** More than a clock is ever set back by between two rewinds. ms. */
const PASSED_MS = 86_400_000;
/** So often may a queue be put back with its clock set back each time: ten years ahead are left free of the last number. */
const MOST_PASSED = 3_650;

export class Outbox {
  readonly #rows: OutboxStatements;
  readonly #isHeld: () => boolean;
  /** Receivers that have messages waiting, which delivery does not know of yet. */
  readonly #receivers = new Set<string>();
  /** Up to which name those that had messages before the wake have been found; null: all have. */
  #foundTo: string | null = null;
  /** null: nobody has asked since the wake. */
  #counts: OutboxCounts | null = null;
  /** By receiver, a number up to which its messages are parked or gone: since the first that waits is parked, always the oldest. */
  readonly #parkedTo = new Map<string, number>();
  /** The last number given to a message, and the last that may be given before more are reserved. */
  #lastSent = 0;
  #reservedTo = 0;

  /** @param isHeld whether there are messages on their way into it, before which none is delivered: each receiver's go in order */
  constructor(rows: OutboxStatements, isHeld: () => boolean) {
    this.#rows = rows;
    this.#isHeld = isHeld;
  }

  /** Nothing is stored, and there is no table to count in. */
  startEmpty(): void {
    this.#counts = { messages: 0, parked: 0 };
  }

  /** After a wake: finds to whom there is something to deliver, a bounded number of receivers at a time. */
  load(): void {
    this.#foundTo = "";
    this.#findReceivers();
  }

  /** Messages that were waited for have come, below the numbers of those that were there. */
  joined(): void {
    this.#counts = null;
    this.#parkedTo.clear();
    this.load();
  }

  /** How many messages there are. The bound keeps it cheap to count them, which is done once a wake. */
  get messages(): number {
    return this.#counted().messages;
  }

  /** How many of them were refused too often. */
  get parked(): number {
    return this.#counted().parked;
  }

  /** Whether so many more messages may be written. */
  hasRoomFor(messages: number): boolean {
    return this.messages + messages <= LIMITS.outboxMessages;
  }

  /** Writes a message, in the transaction of the change that caused it. Answers with its number. */
  send(message: Unsent & Pick<OutboxRow, "payload">, now: number): number {
    const seq = this.#next(now);
    this.#rows.insert({ ...message, seq, createdAt: now });
    this.#added(message.receiver);
    return seq;
  }

  /**
   * The same with the payload and the past attempts of a stored task, which is about to be removed.
   *
   * @param attempt one more, that has ended just now; null: all that there are have been remembered
   */
  sendStored(message: Unsent, taskSeq: number, attempt: string | null, now: number): void {
    this.#rows.insertTask({ ...message, seq: this.#next(now), createdAt: now }, taskSeq, attempt);
    this.#added(message.receiver);
  }

  /**
   * Sends parked messages again, for one receiver or (null) for all, under new numbers, which writes each of them anew: as many as
   * one turn may. Answers with how many, and whether there may be more.
   */
  sendAgain(receiver: string | null, limit: number, now: number): { messages: number; bytes: number; more: boolean } {
    const found = this.#rows.parked(receiver, limit);
    let bytes = 0;
    let messages = 0;
    for (const message of found) {
      if (bytes >= LIMITS.turnRewrittenBytes) break;
      bytes += message.bytes;
      messages += 1;
      this.#rows.sendAgain(message.receiver, message.seq, this.#next(now));
      this.#receivers.add(message.receiver);
    }
    if (this.#counts !== null) this.#counts.parked -= messages;
    return { messages, bytes, more: found.length === limit || messages < found.length };
  }

  /**
   * No number is given out that may have been in a time which the database does not know any more. From here on they are those of a day
   * ahead, should the clock have been set back since, and of one more for each time that it was put back before: numbers of that
   * time ran ahead too.
   *
   * @param times how often it has been put back, from 1
   */
  passOver(now: number, times: number): void {
    const aheadMs = Math.min(times, MOST_PASSED) * PASSED_MS;
    this.#lastSent = Math.max(this.#lastSent, this.#rows.sentUpTo(), firstKeyAt(now + aheadMs));
    this.#reservedTo = this.#lastSent;
    this.#rows.reserve(this.#lastSent);
  }

  page(afterReceiver: string, afterSeq: number, limit: number): OutboxEntry[] {
    return this.#rows.page(afterReceiver, afterSeq, limit);
  }

  /** Whether there are receivers that delivery does not know of yet. */
  get hasReceivers(): boolean {
    return this.#receivers.size > 0 && !this.#isHeld();
  }

  takeReceivers(): readonly string[] {
    const receivers = [...this.#receivers];
    this.#receivers.clear();
    if (this.#foundTo !== null) this.#findReceivers();
    return receivers;
  }

  /** The next messages for a receiver, as many as one call carries. */
  pendingFor(receiver: string): OutboxRow[] {
    if (this.#isHeld()) return [];
    const after = this.#parkedTo.get(receiver) ?? 0;
    const rows = this.#rows.pendingFor(receiver, after, LIMITS.outboxBatch, LIMITS.outboxBatchBytes);
    if (this.#parkedTo.size >= LIMITS.outboxReceiversFound) this.#parkedTo.clear();
    this.#parkedTo.set(receiver, rows[0] === undefined ? this.#lastSent : rows[0].seq - 1);
    return rows;
  }

  /** The receiver has taken all up to this number. */
  taken(receiver: string, upTo: number): void {
    const taken = this.#rows.delete(receiver, this.#parkedTo.get(receiver) ?? 0, upTo);
    if (this.#counts !== null) this.#counts.messages -= taken;
  }

  refused(receiver: string, seq: number, reason: string): void {
    this.#rows.refused(receiver, seq, reason);
  }

  failed(receiver: string, seq: number, error: string): void {
    this.#rows.failed(receiver, seq, error);
  }

  park(receiver: string, seq: number): void {
    this.#rows.park(receiver, seq);
    if (this.#counts !== null) this.#counts.parked += 1;
  }

  #added(receiver: string): void {
    this.#receivers.add(receiver);
    if (this.#counts !== null) this.#counts.messages += 1;
  }

  #counted(): OutboxCounts {
    this.#counts ??= this.#rows.count();
    return this.#counts;
  }

  #findReceivers(): void {
    const found = this.#rows.receiversAfter(this.#foundTo ?? "", LIMITS.outboxReceiversFound);
    for (const receiver of found) this.#receivers.add(receiver);
    this.#foundTo = found.length < LIMITS.outboxReceiversFound ? null : (found.at(-1) ?? null);
  }

  /**
   * A number for a message, above all that this queue ever sent. Receivers pass over what is not above the last they took,
   * so a number given twice would be a message lost: the clock, which may stand or step back over a restart, is not enough.
   * Numbers are reserved in blocks, one row a block; what an instance does not use is never given out.
   */
  #next(now: number): number {
    if (this.#lastSent >= this.#reservedTo) {
      const start = Math.max(this.#lastSent, this.#rows.sentUpTo(), firstKeyAt(now));
      this.#rows.reserve(start + SENT_BLOCK);
      this.#lastSent = start;
      this.#reservedTo = start + SENT_BLOCK;
    }
    this.#lastSent += 1;
    return this.#lastSent;
  }
}
