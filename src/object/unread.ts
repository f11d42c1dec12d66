// Bytes sent to a socket that it has not shown to have read. The platform buffers for a slow reader without bound and does
// not say how much, so the client is asked now and then to send a number back: all before the question has arrived.
//
// Two limits guard the memory: each socket has a window, and all sockets of an object share their part of what it may hold. They
// cannot starve each other: a socket that is held back has been asked before, so its answer lets it go on; a reader that has shown all
// to be read may have one share more until the part is used up, and is looked at again as soon as it is not; and while little of it is
// left, those who leave a question unanswered are closed.

import { OBJECT_PARTS, type ObjectBytes } from "../core/held-bytes.ts";
import { LIMITS } from "../core/limits.ts";

/** From here on only sockets with nothing unread are sent more. */
const TIGHT_BYTES = (OBJECT_PARTS.unread * 3) / 4;
/** What may be sent at once that is not refused for its size: a frame of tasks with one of the largest payloads. */
const FRAME_BYTES = 2 * LIMITS.payloadBytes;

/** Whether so little room is left for what sockets have unread that those who do not read are closed. */
export function isTight(held: ObjectBytes): boolean {
  return held.unread.bytes >= TIGHT_BYTES;
}

/** How long a question may stay unanswered while the budget, or the number of sockets, is used up. ms. */
const PATIENCE_MS = 10_000;
/** Questions cannot be answered without having been read: nobody guesses one of so many. */
const QUESTIONS = 2 ** 48;

interface Question {
  readonly number: number;
  /** All up to here has been read by whoever sends the number back. */
  readonly to: number;
  readonly askedAt: number;
}

/** How far sending and asking have come. */
export interface Sent {
  readonly to: number;
  readonly questions: number;
}

/** Counts UTF-16 units of text, which is what is held in memory. */
export class Unread {
  readonly #held: ObjectBytes;
  readonly #random: () => number;
  #sentTo = 0;
  #readTo = 0;
  #questions: Question[] = [];
  #isEnded = false;

  /** @param random in [0, 1) */
  constructor(held: ObjectBytes, random: () => number) {
    this.#held = held;
    this.#random = random;
  }

  /** Nothing more is pushed. */
  get isPushingHeld(): boolean {
    if (this.#bytes() >= LIMITS.pushWindowBytes || !this.hasRoomFor(FRAME_BYTES)) return true;
    return isTight(this.#held) && this.#bytes() > 0;
  }

  /** All that was sent has been read: there is nothing to ask for. */
  get isClear(): boolean {
    return this.#bytes() === 0;
  }

  /** A request that may have a large answer is refused, and any where all sockets together have no room left. */
  isAnswerHeld(isLarge: boolean): boolean {
    if (isLarge && (this.#bytes() >= LIMITS.answerWindowBytes || isTight(this.#held))) return true;
    return this.#bytes() > 0 && !this.hasRoomFor(FRAME_BYTES);
  }

  /** Whether so much more may be sent, by what all sockets have unread. */
  hasRoomFor(length: number): boolean {
    return this.#held.unread.hasRoomFor(length);
  }

  /** The client does not read, or does not say so. */
  isGivenUp(now: number): boolean {
    if (this.#bytes() >= LIMITS.unreadBytes) return true;
    const [first] = this.#questions;
    if (first === undefined) return false;
    // With no room left at all nobody is sent more who has not answered.
    return !this.hasRoomFor(0) || (isTight(this.#held) && this.isSilent(now));
  }

  /** It has left a question unanswered for long: nobody is there, or nobody who reads. */
  isSilent(now: number): boolean {
    const [first] = this.#questions;
    return first !== undefined && now - first.askedAt >= PATIENCE_MS;
  }

  /** Text goes out. */
  sent(length: number): void {
    // A socket that has closed is sent nothing, although its requests may still be answered.
    if (this.#isEnded) return;
    this.#sentTo += length;
    this.#held.unread.hold(length);
  }

  /**
   * The number to ask for after what was sent, if it is time to ask; null: it is not.
   *
   * @param isProbe whether anybody is there is asked: it is time unless a question is open
   */
  ask(now: () => number, isProbe = false): number | null {
    if (isProbe && this.#questions.length > 0) return null;
    const askedTo = this.#questions.at(-1)?.to ?? this.#readTo;
    const unasked = this.#sentTo - askedTo;
    const isTime = isProbe || (unasked > 0 && (unasked >= LIMITS.syncBytes || this.isPushingHeld));
    if (!isTime) return null;
    const number = Math.floor(this.#random() * QUESTIONS);
    this.#questions.push({ number, to: this.#sentTo, askedAt: now() });
    return number;
  }

  /**
   * The client has sent a number back.
   *
   * @returns whether it says anything; one that was not asked for, or from before the object slept, does not
   */
  read(number: number): boolean {
    const index = this.#questions.findIndex((question) => question.number === number);
    const to = this.#questions[index]?.to ?? -1;
    if (to < this.#readTo) return false;
    this.#held.unread.release(to - this.#readTo);
    this.#readTo = to;
    this.#questions = this.#questions.slice(index + 1);
    return true;
  }

  get sentSoFar(): Sent {
    return { to: this.#sentTo, questions: this.#questions.length };
  }

  /** What was counted since then has not been sent. */
  backTo({ to, questions }: Sent): void {
    if (this.#isEnded) return;
    this.#held.unread.release(this.#sentTo - to);
    this.#sentTo = to;
    this.#questions.length = Math.min(this.#questions.length, questions);
  }

  /** The socket is gone, and what was held for it. */
  end(): void {
    this.#held.unread.release(this.#bytes());
    this.#readTo = this.#sentTo;
    this.#isEnded = true;
  }

  #bytes(): number {
    return this.#sentTo - this.#readTo;
  }
}
