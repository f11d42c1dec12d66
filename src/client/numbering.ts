// Numbers a client's calls to one queue, so that one whose answer was lost can be sent again and is made once (P10). A call keeps
// its number however often it is sent.

import { CALL_LIMITS } from "../protocol/call-limits.ts";
import type { WireCall } from "../protocol/wire-call.ts";
import { abortable } from "./abortable.ts";

export class Numbering {
  /** Made at the first call: Workers have no randomness before a request. */
  #producer = "";
  #last = 0;
  /** The lowest number that may come again, as the last call has said it. */
  #said = 1;
  /** Without an answer yet, the lowest first. */
  readonly #open = new Set<number>();
  readonly #waiting = new Set<() => void>();

  /**
   * Makes a call under a number of its own. As many may be open as the queue remembers: what is beyond waits until the oldest is
   * answered, or given up.
   */
  async run<Answer>(make: (call: WireCall) => Promise<Answer>, signal?: AbortSignal): Promise<Answer> {
    const call = this.hasRoom ? this.#take() : await this.#wait(signal);
    try {
      return await make(call);
    } finally {
      this.#open.delete(call.number);
      for (const waiter of this.#waiting) {
        if (!this.hasRoom) break;
        waiter();
      }
    }
  }

  get #from(): number {
    const [lowest = this.#last + 1] = this.#open;
    return lowest;
  }

  /** Whether a call that is made now need not wait. */
  get hasRoom(): boolean {
    return this.#last + 1 - this.#from < CALL_LIMITS.producerCalls;
  }

  #take(): WireCall {
    this.#producer ||= Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) =>
      byte.toString(16).padStart(2, "0"),
    ).join("");
    const number = (this.#last += 1);
    this.#open.add(number);
    const from = this.#from;
    if (from === this.#said) return { producer: this.#producer, number };
    this.#said = from;
    return { producer: this.#producer, number, from };
  }

  async #wait(signal: AbortSignal | undefined): Promise<WireCall> {
    let waiter: (() => void) | undefined;
    const room = new Promise<WireCall>((resolve) => {
      waiter = () => {
        // It has been called off, and is about to be taken out: the room is for the next.
        if (signal?.aborted === true) return;
        this.#waiting.delete(waiter as () => void);
        resolve(this.#take());
      };
      this.#waiting.add(waiter);
    });
    try {
      return await abortable(room, signal);
    } finally {
      this.#waiting.delete(waiter as unknown as () => void);
    }
  }
}
