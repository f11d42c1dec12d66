// `JSON.parse`, also of texts of digits that were chosen to collide: it keeps each text of up to ten characters in a table of the isolate, V8
// hashes those of digits to their number, without a seed, and so numbers that share their last bits fall into the same place, beside
// those of earlier bodies (docs/decisions/0014-faults-of-the-platform.md). Longer ones it does not keep.

/** With fewer texts of digits than that it cannot take long. */
const FEW = 1_000;
/** Numbers with the same last 16 bits share a place in every table that holds enough of them to be slow. */
const PLACES = 2 ** 16;
/** Those of four digits are too few to matter; greater ones are hashed with a seed, like other texts. */
const LEAST = 10_000;
const LEAST_DIGITS = 5;
const BEYOND = 2 ** 32 - 1;
const DIGITS = 10;
/**
 * The squares of how many there are in each place, added up: numbers of no kind in particular, and 200,000 multiples of 10,000, stay below
 * 64 for each. A thousand in one place may take some 50 ms, with those of earlier bodies in the way.
 */
const SQUARES = 2 ** 20;
const SQUARES_EACH = 64;
/** The opening quote of such a text. One within a text has a backslash before it. */
const QUOTE = /(?<!\\)"(?=[1-9]\d{4,9}"(?!\s*:))/g;

/**
 * Whether the string between two quotes of a JSON text may be such digits. Asked of every string, so that two characters have to do: a
 * date has a hyphen where the fifth digit would be.
 */
export function mayBeDigits(text: string, open: number, close: number): boolean {
  const length = close - open - 1;
  if (length < LEAST_DIGITS || length > DIGITS) return false;
  return isDigit(text.charCodeAt(open + 1)) && isDigit(text.charCodeAt(open + LEAST_DIGITS));
}

/**
 * @param texts how many strings in it may be digits, or more
 * @throws {SyntaxError} it is no JSON
 */
export function parseDigits(text: string, texts: number): unknown {
  if (texts <= FEW || !isCrowded(text)) return JSON.parse(text);
  // Nobody knows it, so that it is nowhere in the text.
  const mark = Math.random().toString(36).padEnd(DIGITS, "0").slice(0, DIGITS);
  let value: unknown;
  try {
    value = JSON.parse(text.replaceAll(QUOTE, `"${mark}`));
  } catch {
    throw new SyntaxError("of which nothing more is said where it has a great many texts of digits");
  }
  unmark(value, mark);
  return value;
}

/** Whether many of the texts of digits in it fall into few places. */
function isCrowded(text: string): boolean {
  const places = new Uint32Array(PLACES);
  let all = 0;
  let squares = 0;
  for (let start = text.indexOf('"'); start !== -1; start = text.indexOf('"', start)) {
    let number = 0;
    let index = start + 1;
    for (; index <= start + DIGITS; index += 1) {
      const code = text.charCodeAt(index);
      if (!isDigit(code)) break;
      number = number * 10 + code - 0x30;
    }
    start = index;
    if (number < LEAST || number >= BEYOND || text.charCodeAt(index) !== 0x22) continue;
    const place = number % PLACES;
    const before = places[place] ?? 0;
    places[place] = before + 1;
    squares += 2 * before + 1;
    all += 1;
  }
  return squares > SQUARES + SQUARES_EACH * all;
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

function unmark(value: unknown, mark: string): void {
  const open = [value];
  const seen = (one: unknown): unknown => {
    if (typeof one === "string") return one.startsWith(mark) ? one.slice(mark.length) : one;
    if (typeof one === "object" && one !== null) open.push(one);
    return one;
  };
  for (let one = open.pop(); one !== undefined; one = open.pop()) {
    if (Array.isArray(one)) for (let index = 0; index < one.length; index += 1) one[index] = seen(one[index]);
    else {
      const object = one as Record<string, unknown>;
      for (const name in object) object[name] = seen(object[name]);
    }
  }
}
