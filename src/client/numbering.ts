// Numbers a client's calls to one queue, so that one whose answer was lost can be sent again and is made once (P10). A call keeps
// its number however often it is sent.

import { PRODUCER_CALLS } from "../protocol/call-limits.ts";
import type { WireCall } from "../protocol/wire-call.ts";
import { abortable } from "./abortable.ts";

export class Numbering {
  /** Made at the first call: Workers have no randomness before a request. */
  #producer = "";
  #last = 0;
  /** The lowest number that may come again; */
  #from = 1;
  /** ... as the last call has sent it. */
  #sent = 1;
  /** Answered, though a lower one may come again. */
  readonly #answered = new Set<number>();
  /** Those that have no number yet, the first first, each with what may call it off. */
  readonly #waiting = new Map<(call: WireCall) => void, AbortSignal | undefined>();

  /**
   * The number of a call that is made now, and is to be ended. As many may be open as the queue remembers: what is beyond waits until
   * the oldest is answered, or given up.
   */
  begin(signal?: AbortSignal): WireCall | Promise<WireCall> {
    if (this.hasRoom) return this.#take();
    return abortable(new Promise<WireCall>((resolve) => this.#waiting.set(resolve, signal)), signal);
  }

  /** Whether a call that is made now need not wait. */
  get hasRoom(): boolean {
    return this.#last + 1 - this.#from < PRODUCER_CALLS;
  }

  /** It is answered, or given up. */
  end({ number }: WireCall): void {
    // Most are answered in the order in which they were made.
    if (number > this.#from) this.#answered.add(number);
    else this.#from += 1;
    while (this.#answered.delete(this.#from)) this.#from += 1;
    if (this.#waiting.size === 0) return;
    for (const [resolve, given] of this.#waiting) {
      if (!this.hasRoom) break;
      this.#waiting.delete(resolve);
      // Of one that has been called off the room is for the next.
      if (given?.aborted !== true) resolve(this.#take());
    }
  }

  #take(): WireCall {
    this.#producer ||= `${crypto.getRandomValues(new BigUint64Array(1))[0]?.toString(16)}`.padStart(16, "0");
    const number = (this.#last += 1);
    const from = this.#from;
    if (from === this.#sent) return { producer: this.#producer, number };
    this.#sent = from;
    return { producer: this.#producer, number, from };
  }
}
