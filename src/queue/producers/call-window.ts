// The calls of one producer that the queue remembers, with what each was answered. Knows nothing of tables and turns.
//
// A busy producer's calls come many in a turn, one after another, and their tasks have one key after another: such calls are
// remembered together, since all of it is written again with each turn.

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

/** Calls whose numbers follow one another. */
interface Run {
  /** Of the first. */
  number: number;
  /** One for each. */
  readonly fingerprints: number[];
  /** What the first was answered: a key, if there are several. */
  answer: CallAnswer;
  /** From each one's key to the next one's; 0 while there is one. */
  step: number;
  /** As it is stored, of one whose answer may be long; null: it is written when it is asked for. */
  readonly text: string | null;
}

type StoredRun = readonly [number: number, fingerprints: number | number[], answer: CallAnswer, step?: number];

/** About how long the text of a run is without its fingerprints, and a fingerprint. */
const RUN_LENGTH = 40;
const FINGERPRINT_LENGTH = 11;

export class CallWindow {
  /** By number. */
  readonly #runs: Run[];
  #from: number;
  #calls = 0;
  #length = 0;

  /** @param text as `text` gave it */
  constructor(from = 1, text = "[]") {
    this.#from = from;
    const stored = JSON.parse(text) as StoredRun[];
    // An imported row may hold anything.
    this.#runs = stored
      .filter(([number]) => Number.isSafeInteger(number))
      .map(([number, fingerprints, answer, step = 0]) =>
        runOf(number, Array.isArray(fingerprints) ? fingerprints : [fingerprints], answer, step),
      );
    for (const run of this.#runs) this.#count(run, 1);
    this.#trim();
  }

  /** Numbers below this have left the window. */
  get from(): number {
    return this.#from;
  }

  /** The number of the highest call in it; 0: there is none. */
  get highest(): number {
    const last = this.#runs.at(-1);
    return last === undefined ? 0 : last.number + last.fingerprints.length - 1;
  }

  find(number: number): TakenCall | undefined {
    const run = this.#runs.findLast((each) => each.number <= number);
    const fingerprint = run?.fingerprints[number - run.number];
    if (run === undefined || fingerprint === undefined) return undefined;
    return { number, fingerprint, answer: answerAt(run, number - run.number) };
  }

  /**
   * Remembers a call. Those below `from`, and the lowest of those that are too many, leave the window.
   *
   * @param from absent: the producer does not say what it has been answered
   */
  take({ number, fingerprint, answer }: TakenCall, from = 0): void {
    const last = this.#runs.at(-1);
    if (last !== undefined && isNext(last, number, answer)) {
      if (last.fingerprints.length === 1) last.step = Number(answer) - Number(last.answer);
      last.fingerprints.push(fingerprint);
      this.#calls += 1;
      this.#length += FINGERPRINT_LENGTH;
    } else {
      const added = runOf(number, [fingerprint], answer, 0);
      this.#runs.splice(this.#runs.findLastIndex((each) => each.number < number) + 1, 0, added);
      this.#count(added, 1);
    }
    this.#dropBelow(from);
    while (this.#calls > LIMITS.producerCalls || (this.#calls > 1 && this.#length > LIMITS.producerBytes))
      this.#dropBelow((this.#runs[0]?.number ?? 0) + 1);
  }

  /** JSON. */
  text(): string {
    return `[${this.#runs.map(textOf).join(",")}]`;
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
      this.#runs.shift();
      this.#count(first, -1);
      const { fingerprints, text, step } = first;
      const dropped = from - first.number;
      if (dropped >= fingerprints.length) continue;
      const rest = {
        number: from,
        fingerprints: fingerprints.slice(dropped),
        answer: answerAt(first, dropped),
        step,
        text,
      };
      this.#runs.unshift(rest);
      this.#count(rest, 1);
    }
  }

  #count({ fingerprints, text }: Run, sign: 1 | -1): void {
    this.#calls += sign * fingerprints.length;
    this.#length += sign * (text?.length ?? RUN_LENGTH + FINGERPRINT_LENGTH * fingerprints.length);
  }
}

function runOf(number: number, fingerprints: number[], answer: CallAnswer, step: number): Run {
  const text = typeof answer === "number" ? null : JSON.stringify([number, fingerprints[0], answer]);
  return { number, fingerprints, answer, step, text };
}

function textOf({ number, fingerprints, answer, step, text }: Run): string {
  if (text !== null) return text;
  return JSON.stringify(
    fingerprints.length === 1 ? [number, fingerprints[0], answer] : [number, fingerprints, answer, step],
  );
}

function answerAt({ answer, step }: Run, index: number): CallAnswer {
  return typeof answer === "number" ? answer + index * step : answer;
}

function isNext(run: Run, number: number, answer: CallAnswer): boolean {
  const { length } = run.fingerprints;
  if (number !== run.number + length || typeof answer !== "number" || typeof run.answer !== "number") return false;
  return length === 1 ? answer > run.answer : answer === answerAt(run, length);
}
