// The calls of one producer that the queue remembers, with what each was answered. Knows nothing of tables and turns.

import { LIMITS } from "../../core/limits.ts";

/**
 * What a call was answered, as little of it as the call itself does not say: the key of its first task, with the instant at
 * which it was made where that is not the key's; or the whole answer.
 */
export type CallAnswer = number | readonly [key: number, at: number] | { readonly whole: unknown };

export interface TakenCall {
  readonly number: number;
  /** Tells calls apart that were given one number. */
  readonly fingerprint: number;
  readonly answer: CallAnswer;
}

interface Remembered extends TakenCall {
  readonly text: string;
}

export class CallWindow {
  /** By number. */
  #calls: Remembered[];
  #from: number;
  #length = 0;

  /** @param text as `text` gave it */
  constructor(from = 1, text = "[]") {
    this.#from = from;
    const stored = JSON.parse(text) as [number, number, CallAnswer][];
    this.#calls = stored.map(([number, fingerprint, answer]) => remembered({ number, fingerprint, answer }));
    for (const call of this.#calls) this.#length += call.text.length;
  }

  /** Numbers below this have left the window. */
  get from(): number {
    return this.#from;
  }

  find(number: number): TakenCall | undefined {
    // Most numbers are above all, and need not be looked for; of the others the latest are asked for most.
    return this.#isHigher(number) ? undefined : this.#calls.findLast((call) => call.number === number);
  }

  /**
   * Remembers a call. Those below `from`, and the lowest of those that are too many, leave the window.
   *
   * @param from absent: the producer does not say what it has been answered
   */
  take(call: TakenCall, from = 0): void {
    const added = remembered(call);
    if (this.#isHigher(call.number)) this.#calls.push(added);
    else this.#calls.splice(this.#calls.findLastIndex(({ number }) => number < call.number) + 1, 0, added);
    this.#length += added.text.length;
    this.#dropBelow(from);
    while (this.#calls.length > LIMITS.producerCalls || (this.#calls.length > 1 && this.#length > LIMITS.producerBytes))
      this.#dropBelow((this.#calls[0]?.number ?? 0) + 1);
  }

  /** JSON. */
  text(): string {
    return `[${this.#calls.map(({ text }) => text).join(",")}]`;
  }

  #dropBelow(from: number): void {
    if (from <= this.#from) return;
    this.#from = from;
    const kept = this.#calls.findIndex(({ number }) => number >= from);
    const dropped = this.#calls.splice(0, kept === -1 ? this.#calls.length : kept);
    for (const { text } of dropped) this.#length -= text.length;
  }

  /** Whether it is above all. */
  #isHigher(number: number): boolean {
    return number > (this.#calls.at(-1)?.number ?? 0);
  }
}

function remembered({ number, fingerprint, answer }: TakenCall): Remembered {
  const text = typeof answer === "number" ? String(answer) : JSON.stringify(answer);
  return { number, fingerprint, answer, text: `[${number},${fingerprint},${text}]` };
}
