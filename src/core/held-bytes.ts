// Bytes that are held because somebody waits for them, in one ledger with one bound. Each kind of holder has a part of it that no
// other can take, so that none is starved by another; the parts together are the bound, so a new kind has to take its part from them.

import { LIMITS } from "./limits.ts";

const MIB = 1_048_576;

/** Of a queue's object. */
export const OBJECT_PARTS = {
  /** Requests that wait for their turn: one of the largest, and a quarter of another. */
  requests: 20 * MIB,
  /** Answers of one turn: what lets no further request begin in it, and one of the largest. */
  answers: LIMITS.turnAnswerBytes + LIMITS.answerBytes,
  /** What sockets have not shown to have read. */
  unread: 28 * MIB,
  /** Batches that a Worker is being pushed. */
  pushes: 8 * MIB,
  /** Messages on their way to other queues: what receivers leave unanswered keeps none of their messages out here. */
  sent: 6 * MIB,
  /** Messages of other queues that wait for their turn. */
  received: 6 * MIB,
} as const;

/** Of the Worker's isolate. */
export const WORKER_PARTS = {
  /** Larger bodies that are being read: four of the largest, and more than all requests of one queue hold whose length is not known. */
  bodies: 64 * MIB,
  /** Larger answers that clients have not taken: one of the largest, and a third of another. */
  answers: 32 * MIB,
} as const;

/** The part of one kind of holder. Every message is counted in three of them: each is an object of its own, found without a lookup. */
export class HeldBytes {
  readonly #most: number;
  #bytes = 0;

  /** @param most what may be held at one time */
  constructor(most: number) {
    this.#most = most;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Whether the part has room for so many more. */
  hasRoomFor(bytes: number): boolean {
    return this.#bytes + bytes <= this.#most;
  }

  hold(bytes: number): void {
    this.#bytes += bytes;
  }

  release(bytes: number): void {
    this.#bytes -= bytes;
  }
}

export type ObjectBytes = Readonly<Record<keyof typeof OBJECT_PARTS, HeldBytes>>;
export type WorkerBytes = Readonly<Record<keyof typeof WORKER_PARTS, HeldBytes>>;

export function objectBytes(): ObjectBytes {
  return {
    requests: new HeldBytes(OBJECT_PARTS.requests),
    answers: new HeldBytes(OBJECT_PARTS.answers),
    unread: new HeldBytes(OBJECT_PARTS.unread),
    pushes: new HeldBytes(OBJECT_PARTS.pushes),
    sent: new HeldBytes(OBJECT_PARTS.sent),
    received: new HeldBytes(OBJECT_PARTS.received),
  };
}

export function workerBytes(): WorkerBytes {
  return { bodies: new HeldBytes(WORKER_PARTS.bodies), answers: new HeldBytes(WORKER_PARTS.answers) };
}
