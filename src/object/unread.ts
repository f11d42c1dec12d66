// What has been sent to a socket and not been shown to be read. The platform buffers for a slow reader without bound and does
// not say how much, so the client is asked now and then to send a number back: all before the question has arrived.
//
// Two limits guard the memory: each socket has a window, and all sockets of an object share a budget. They cannot starve each
// other: whoever is held back has been asked before, so its answer lets it go on; a reader that has shown all to be read may
// always have one share more; and while the budget is used up, those who leave a question unanswered are closed.

import { LIMITS } from "../core/limits.ts";

/** What the sockets of one object have unread together. */
export class Traffic {
  unread = 0;

  get isOverBudget(): boolean {
    return this.unread >= LIMITS.objectUnreadBytes;
  }

  /** Far over it: not even those who have read everything are sent more. */
  get isExhausted(): boolean {
    return this.unread >= 2 * LIMITS.objectUnreadBytes;
  }
}

/** How long a question may stay unanswered while the budget is used up. ms. */
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
  readonly #traffic: Traffic;
  readonly #random: () => number;
  #sentTo = 0;
  #readTo = 0;
  #questions: Question[] = [];
  #isEnded = false;

  /** @param random in [0, 1) */
  constructor(traffic: Traffic, random: () => number) {
    this.#traffic = traffic;
    this.#random = random;
  }

  /** Nothing more is pushed. */
  get isPushingHeld(): boolean {
    if (this.#bytes >= LIMITS.pushWindowBytes || this.#traffic.isExhausted) return true;
    return this.#traffic.isOverBudget && this.#bytes > 0;
  }

  /** A request that may have a large answer is refused. */
  get isAnswerHeld(): boolean {
    return this.#bytes >= LIMITS.answerWindowBytes || this.#traffic.isOverBudget;
  }

  /** The client does not read, or does not say so. */
  isGivenUp(now: number): boolean {
    if (this.#bytes >= LIMITS.unreadBytes) return true;
    const [first] = this.#questions;
    return this.#traffic.isOverBudget && first !== undefined && now - first.askedAt >= PATIENCE_MS;
  }

  /** Text goes out. */
  sent(length: number): void {
    // A socket that has closed is sent nothing, although its requests may still be answered.
    if (this.#isEnded) return;
    this.#sentTo += length;
    this.#traffic.unread += length;
  }

  /** The number to ask for after what was sent, if it is time to ask; null: it is not. */
  ask(now: () => number): number | null {
    const askedTo = this.#questions.at(-1)?.to ?? this.#readTo;
    const unasked = this.#sentTo - askedTo;
    if (unasked === 0 || (unasked < LIMITS.syncBytes && !this.isPushingHeld)) return null;
    const number = Math.floor(this.#random() * QUESTIONS);
    this.#questions.push({ number, to: this.#sentTo, askedAt: now() });
    return number;
  }

  /** The client has sent a number back. One that it was not asked for, or from before the object slept, says nothing. */
  read(number: number): void {
    const index = this.#questions.findIndex((question) => question.number === number);
    const to = this.#questions[index]?.to ?? 0;
    if (to <= this.#readTo) return;
    this.#traffic.unread -= to - this.#readTo;
    this.#readTo = to;
    this.#questions = this.#questions.slice(index + 1);
  }

  get sentSoFar(): Sent {
    return { to: this.#sentTo, questions: this.#questions.length };
  }

  /** What was counted since then has not been sent. */
  backTo({ to, questions }: Sent): void {
    if (this.#isEnded) return;
    this.#traffic.unread -= this.#sentTo - to;
    this.#sentTo = to;
    this.#questions.length = Math.min(this.#questions.length, questions);
  }

  /** The socket is gone, and what was held for it. */
  end(): void {
    this.#traffic.unread -= this.#bytes;
    this.#readTo = this.#sentTo;
    this.#isEnded = true;
  }

  get #bytes(): number {
    return this.#sentTo - this.#readTo;
  }
}
