// What has been sent to a socket and not been shown to be read. The platform buffers for a slow reader without bound and
// does not tell how much, so the client is asked now and then to send a position back: all before it has arrived.

import { LIMITS } from "../core/limits.ts";

/** Shared by the sockets of one object. */
export interface Traffic {
  unread: number;
}

/** How far sending and asking have come. */
export interface Sent {
  readonly to: number;
  readonly askedTo: number;
}

/** What a socket may have unread when those of the object have too much: enough for a reader that keeps up. */
const FAIR_SHARE = LIMITS.syncBytes / 4;

/** Counts UTF-16 units of text, which is what is held in memory. */
export class Unread {
  readonly #traffic: Traffic;
  #sentTo = 0;
  #askedTo = 0;
  #readTo = 0;

  constructor(traffic: Traffic) {
    this.#traffic = traffic;
  }

  /** Nothing more is pushed. */
  get isPushingHeld(): boolean {
    return this.#bytes >= this.#window(LIMITS.pushWindowBytes);
  }

  /** What may have a large answer is refused. */
  get isAnswerHeld(): boolean {
    return this.#bytes >= this.#window(LIMITS.answerWindowBytes);
  }

  /** The client does not read, or does not say so. */
  get isOver(): boolean {
    return this.#bytes >= LIMITS.unreadBytes;
  }

  /** Text goes out. @returns the position to ask for behind it, or null when it is not yet time to ask */
  sent(length: number): number | null {
    this.#sentTo += length;
    this.#traffic.unread += length;
    if (this.#sentTo - this.#askedTo < LIMITS.syncBytes) return null;
    this.#askedTo = this.#sentTo;
    return this.#askedTo;
  }

  /** The client has read to a position that it was asked for. One from before the object slept says nothing. */
  read(position: number): void {
    const readTo = Math.max(this.#readTo, Math.min(position, this.#askedTo));
    this.#traffic.unread -= readTo - this.#readTo;
    this.#readTo = readTo;
  }

  get sentSoFar(): Sent {
    return { to: this.#sentTo, askedTo: this.#askedTo };
  }

  /** What was counted since then has not been sent. */
  backTo({ to, askedTo }: Sent): void {
    this.#traffic.unread -= this.#sentTo - to;
    this.#sentTo = to;
    this.#askedTo = askedTo;
  }

  /** The socket is gone, and what was held for it. */
  end(): void {
    this.#traffic.unread -= this.#bytes;
    this.#readTo = this.#sentTo;
  }

  get #bytes(): number {
    return this.#sentTo - this.#readTo;
  }

  #window(bytes: number): number {
    return this.#traffic.unread < LIMITS.objectUnreadBytes ? bytes : FAIR_SHARE;
  }
}
