// Where in a JSON text something is that a parser would change without a word. Run only for a text that is known to be JSON and to
// hold such a thing.

import { Invalid } from "./invalid.ts";
import { isKeptNumber } from "./json-number.ts";
import { endOfString } from "./json-string.ts";

/** @throws {Invalid} for the first that is found, in the order of the text */
export function refuseWhatChanges(text: string, field: string): void {
  new Walk(text, field).value();
}

/**
 * Where the error of a nack stands, in a body or in a message of a frame: it is for people, cut as it is, and what cut it before may
 * have halved a pair. Its own field mends that, so that no failure is lost over its last character.
 */
const ERROR_TEXT = /^(?:frame(?:\[\d+\])?\.body\.)?(?:claims|nacks)\[\d+\]\.error$/;

const SPACE = /[ \t\n\r]*/y;
const NUMBER = /[-+.\deE]+/y;
const WORD = /[a-z]+/y;

class Walk {
  readonly #text: string;
  readonly #field: string;
  #at = 0;
  /** The names and indices that lead to the value at hand: made into a path only when something is found there. */
  readonly #way: (string | number)[] = [];

  constructor(text: string, field: string) {
    this.#text = text;
    this.#field = field;
  }

  value(): void {
    this.#take(SPACE);
    const first = this.#text[this.#at];
    if (first === "{") this.#members();
    else if (first === "[") this.#items();
    else if (first === '"') {
      const text = this.#string();
      if (!text.isWellFormed() && !ERROR_TEXT.test(this.#path()))
        throw new Invalid(this.#path(), text, "text without lone surrogates");
    } else if (first !== undefined && /[-\d]/.test(first)) this.#number();
    else this.#take(WORD);
    this.#take(SPACE);
  }

  #members(): void {
    const names = new Set<string>();
    this.#each("}", () => {
      this.#take(SPACE);
      const name = this.#string();
      if (!name.isWellFormed()) throw new Invalid(this.#path(), name, "names without lone surrogates");
      this.#way.push(name);
      // With a quote, as in json-names.ts.
      if (names.size === names.add(`"${name}`).size) throw new Invalid(this.#path(), "twice", "each name once");
      this.#take(SPACE);
      this.#at += 1;
      this.value();
      this.#way.pop();
    });
  }

  #items(): void {
    let index = 0;
    this.#each("]", () => {
      this.#way.push(index);
      this.value();
      this.#way.pop();
      index += 1;
    });
  }

  /** Reads what is between an opening bracket and `close`, one part for each comma. */
  #each(close: string, part: () => void): void {
    this.#at += 1;
    this.#take(SPACE);
    if (this.#text[this.#at] !== close) {
      part();
      while (this.#text[this.#at] === ",") {
        this.#at += 1;
        part();
      }
    }
    this.#at += 1;
  }

  #number(): void {
    const text = this.#take(NUMBER);
    if (isKeptNumber(text)) return;
    const double = Number(text);
    if (!Number.isFinite(double)) throw new Invalid(this.#path(), double, "a finite number");
    const allowed =
      double === 0 ? "a number that a double holds; 0 for -0" : "an integer that survives as a double, or text";
    throw new Invalid(this.#path(), text, allowed);
  }

  /** Fields of a body are named alone; parts of any other text begin with its name. */
  #path(): string {
    let path = this.#field === "body" ? "" : this.#field;
    for (const step of this.#way) {
      if (typeof step === "number") path = `${path === "" ? this.#field : path}[${step}]`;
      else path = path === "" ? step : `${path}.${step}`;
    }
    return path === "" ? this.#field : path;
  }

  #string(): string {
    const start = this.#at;
    this.#at = endOfString(this.#text, start) + 1;
    const text = this.#text.slice(start + 1, this.#at - 1);
    return text.includes("\\") ? (JSON.parse(this.#text.slice(start, this.#at)) as string) : text;
  }

  #take(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const [text = ""] = pattern.exec(this.#text) ?? [];
    this.#at += text.length;
    return text;
  }
}
