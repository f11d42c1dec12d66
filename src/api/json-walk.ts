// Where in a JSON text something is that a parser would change without a word. Slow, and run only for a text that is known to
// be JSON and to hold such a thing.

import { Invalid } from "./invalid.ts";
import { isKeptNumber } from "./json-number.ts";

/** @throws {Invalid} for the first that is found, in the order of the text */
export function refuseWhatChanges(text: string, field: string): void {
  // Fields of a body are named alone; parts of any other text begin with its name.
  new Walk(text, field).value(field === "body" ? "" : field);
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

  constructor(text: string, field: string) {
    this.#text = text;
    this.#field = field;
  }

  value(path: string): void {
    this.#take(SPACE);
    const first = this.#text[this.#at];
    if (first === "{") this.#members(path);
    else if (first === "[") this.#items(path);
    else if (first === '"') {
      const text = this.#string();
      if (!text.isWellFormed() && !ERROR_TEXT.test(path))
        throw new Invalid(this.#named(path), text, "text without lone surrogates");
    } else if (first !== undefined && /[-\d]/.test(first)) this.#number(path);
    else this.#take(WORD);
    this.#take(SPACE);
  }

  #members(path: string): void {
    const names = new Set<string>();
    this.#each("}", () => {
      this.#take(SPACE);
      const name = this.#string();
      if (!name.isWellFormed()) throw new Invalid(this.#named(path), name, "names without lone surrogates");
      const at = path === "" ? name : `${path}.${name}`;
      if (names.has(name)) throw new Invalid(at, "twice", "each name once");
      names.add(name);
      this.#take(SPACE);
      this.#at += 1;
      this.value(at);
    });
  }

  #items(path: string): void {
    let index = 0;
    this.#each("]", () => {
      this.value(`${this.#named(path)}[${index}]`);
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

  #number(path: string): void {
    const text = this.#take(NUMBER);
    if (isKeptNumber(text)) return;
    const double = Number(text);
    if (!Number.isFinite(double)) throw new Invalid(this.#named(path), double, "a finite number");
    const allowed =
      double === 0 ? "a number that a double holds; 0 for -0" : "an integer that survives as a double, or text";
    throw new Invalid(this.#named(path), text, allowed);
  }

  #named(path: string): string {
    return path === "" ? this.#field : path;
  }

  #string(): string {
    const start = this.#at;
    let end = start;
    do {
      end = this.#text.indexOf('"', end + 1);
    } while (isEscaped(this.#text, end));
    this.#at = end + 1;
    return JSON.parse(this.#text.slice(start, end + 1)) as string;
  }

  #take(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const [text = ""] = pattern.exec(this.#text) ?? [];
    this.#at += text.length;
    return text;
  }
}

/** Whether an odd number of backslashes stands before it. */
function isEscaped(text: string, index: number): boolean {
  let start = index;
  while (text[start - 1] === "\\") start -= 1;
  return (index - start) % 2 === 1;
}
