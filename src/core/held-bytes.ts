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

export class HeldBytes<Holder extends string> {
  readonly #parts: Readonly<Record<Holder, number>>;
  readonly #held = new Map<Holder, number>();

  constructor(parts: Readonly<Record<Holder, number>>) {
    this.#parts = parts;
  }

  of(holder: Holder): number {
    return this.#held.get(holder) ?? 0;
  }

  /** Whether its part has room for so many more. */
  hasRoomFor(holder: Holder, bytes: number): boolean {
    return this.of(holder) + bytes <= this.#parts[holder];
  }

  hold(holder: Holder, bytes: number): void {
    this.#held.set(holder, this.of(holder) + bytes);
  }

  release(holder: Holder, bytes: number): void {
    this.#held.set(holder, this.of(holder) - bytes);
  }
}

export type ObjectBytes = HeldBytes<keyof typeof OBJECT_PARTS>;
export type WorkerBytes = HeldBytes<keyof typeof WORKER_PARTS>;
