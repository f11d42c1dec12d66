// The calls of one producer that the queue remembers, with what each was answered. Knows nothing of tables and turns.
//
// A busy producer's calls come many in a turn, one after another, and their tasks have one key after another. All of it is written
// again with each turn: such calls are remembered together, and their fingerprints lie in memory as they are stored.

import { LIMITS } from "../../core/limits.ts";

/**
 * What a call was answered, as little of it as the call itself does not say: the key of its first task, with the instant at
 * which it was made where that is not the key's; or the whole answer.
 */
export type CallAnswer = number | readonly [key: number, at: number] | { readonly whole: unknown };

export interface TakenCall {
  readonly number: number;
  /** 32 bits. Tells calls apart that were given one number. */
  readonly fingerprint: number;
  readonly answer: CallAnswer;
}

/** Calls whose numbers follow one another. */
interface Run {
  /** Of the first. */
  number: number;
  calls: number;
  /** What the first was answered: a key, if there are several. */
  answer: CallAnswer;
  /** From each one's key to the next one's; 0 while there is one. */
  step: number;
  /** JSON of an answer that may be long; null: it is a key. */
  readonly text: string | null;
}

type StoredRun = readonly [number: number, calls: number, answer: CallAnswer, step: number];
type FormerRun = readonly [number: number, fingerprints: number | number[], answer: CallAnswer, step?: number];

/** About how long a run is as text, without an answer that is more than a key. */
const RUN_LENGTH = 40;
/** Of a fingerprint as it is stored. */
const BYTES = 4;

/** Room for fingerprints at first: an Idempotency-Key is a producer of one call. */
const FEW = 4;

export class CallWindow {
  /** By number. */
  readonly #runs: Run[] = [];
  /** Of all calls, by number: as many as there are calls, from `#first` on. */
  #fingerprints: Uint32Array<ArrayBuffer> = new Uint32Array(FEW);
  #first = 0;
  #from: number;
  #calls = 0;
  #length = 0;

  /**
   * @param text as `text` gave it
   * @param fingerprints as `fingerprints` gave it; null: they are in the text, as they were in schemas 4 to 12
   */
  constructor(from = 1, text = "[]", fingerprints: Uint8Array | null = null) {
    this.#from = from;
    const stored = JSON.parse(text) as (StoredRun | FormerRun)[];
    const words = wordsOf(fingerprints);
    let at = 0;
    for (const [number, held, answer, step = 0] of stored) {
      // An imported row may hold anything.
      const own = fingerprints === null ? [held].flat() : words.subarray(at, at + Math.max(0, Number(held)));
      at += own.length;
      if (!Number.isSafeInteger(number) || own.length === 0) continue;
      for (const fingerprint of own) this.#insert(this.#calls, fingerprint);
      this.#runs.push({ ...this.#counted(number, answer), calls: own.length, step });
    }
    this.#trim();
  }

  /** Numbers below this have left the window. */
  get from(): number {
    return this.#from;
  }

  /** The number of the highest call in it; 0: there is none. */
  get highest(): number {
    const last = this.#runs.at(-1);
    return last === undefined ? 0 : last.number + last.calls - 1;
  }

  find(number: number): TakenCall | undefined {
    let at = this.#first + this.#calls;
    const run = this.#runs.findLast((each) => {
      at -= each.calls;
      return each.number <= number;
    });
    if (run === undefined || number >= run.number + run.calls) return undefined;
    const place = number - run.number;
    return { number, fingerprint: this.#fingerprints[at + place] ?? 0, answer: answerAt(run, place) };
  }

  /**
   * Remembers a call. Those below `from`, and the lowest of those that are too many, leave the window.
   *
   * @param from absent: the producer does not say what it has been answered
   */
  take(number: number, fingerprint: number, answer: CallAnswer, from = 0): void {
    // First, so that of a busy producer's calls none is left as a rule, and nothing has to be moved.
    this.#dropBelow(from);
    const last = this.#runs.at(-1);
    if (last !== undefined && isNext(last, number, answer)) {
      if (last.calls === 1) last.step = Number(answer) - Number(last.answer);
      last.calls += 1;
      this.#insert(this.#calls, fingerprint);
    } else this.#takeApart(number, fingerprint, answer);
    while (this.#calls > LIMITS.producerCalls || (this.#calls > 1 && this.#isTooLong))
      this.#dropBelow((this.#runs[0]?.number ?? 0) + 1);
  }

  /** JSON. */
  text(): string {
    return `[${this.#runs.map(textOf).join(",")}]`;
  }

  /** Of the calls in the text, one after another. */
  fingerprints(): Uint8Array {
    return new Uint8Array(this.#fingerprints.buffer, BYTES * this.#first, BYTES * this.#calls);
  }

  get #isTooLong(): boolean {
    return this.#length + BYTES * this.#calls > LIMITS.producerBytes;
  }

  /** In a run of its own. */
  #takeApart(number: number, fingerprint: number, answer: CallAnswer): void {
    const runs = this.#runs;
    let at = this.#calls;
    let place = runs.push(this.#counted(number, answer)) - 1;
    // Most come in the order of their numbers.
    for (let before = runs[place - 1]; before !== undefined && before.number > number; before = runs[place - 1]) {
      [runs[place - 1], runs[place]] = [runs[place] as Run, before];
      place -= 1;
      at -= before.calls;
    }
    this.#insert(at, fingerprint);
  }

  /** A run of one call, counted as one that is stored. */
  #counted(number: number, answer: CallAnswer): Run {
    const run = { number, calls: 1, answer, step: 0, text: typeof answer === "number" ? null : JSON.stringify(answer) };
    this.#length += lengthOf(run);
    return run;
  }

  /** @param place among all calls */
  #insert(place: number, fingerprint: number): void {
    const length = this.#calls;
    if (this.#first + length === this.#fingerprints.length) this.#makeRoom();
    const words = this.#fingerprints;
    const at = this.#first + place;
    if (place < length) words.copyWithin(at + 1, at, this.#first + length);
    words[at] = fingerprint;
    this.#calls = length + 1;
  }

  #makeRoom(): void {
    const { length } = this.#fingerprints;
    const held = this.#fingerprints.subarray(this.#first);
    // What has left makes room for what comes, unless moving the others would come to more than they.
    const roomy = 2 * this.#first < length ? new Uint32Array(2 * length) : this.#fingerprints;
    roomy.set(held);
    this.#fingerprints = roomy;
    this.#first = 0;
  }

  #dropBelow(from: number): void {
    if (from <= this.#from) return;
    this.#from = from;
    this.#trim();
  }

  /** What is left begins at `from` or after it, so that dropping the lowest always leaves less. */
  #trim(): void {
    const from = this.#from;
    for (let first = this.#runs[0]; first !== undefined && first.number < from; first = this.#runs[0]) {
      const dropped = Math.min(from - first.number, first.calls);
      this.#calls -= dropped;
      this.#first = this.#calls === 0 ? 0 : this.#first + dropped;
      if (dropped === first.calls) {
        this.#runs.shift();
        this.#length -= lengthOf(first);
      } else {
        first.answer = answerAt(first, dropped);
        first.number = from;
        first.calls -= dropped;
      }
    }
  }
}

/** Copied: where it lies in memory may be no place for words. */
function wordsOf(fingerprints: Uint8Array | null): Uint32Array {
  return new Uint32Array(
    Uint8Array.from(fingerprints ?? []).buffer,
    0,
    Math.floor((fingerprints?.length ?? 0) / BYTES),
  );
}

function lengthOf({ text }: Run): number {
  return RUN_LENGTH + (text?.length ?? 0);
}

function textOf({ number, calls, answer, step, text }: Run): string {
  return `[${number},${calls},${text ?? (answer as number)},${step}]`;
}

function answerAt({ answer, step }: Run, place: number): CallAnswer {
  return typeof answer === "number" ? answer + place * step : answer;
}

function isNext(run: Run, number: number, answer: CallAnswer): boolean {
  const { calls } = run;
  if (number !== run.number + calls || typeof answer !== "number" || typeof run.answer !== "number") return false;
  return calls === 1 ? answer > run.answer : answer === answerAt(run, calls);
}
