// Whether a number, as JSON writes it, is still that number after a parser has made a double of it.

const FORM = /^-?(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;

/** Below this a double has fewer digits, down to one. IEEE 754: the smallest normal number. */
const SMALLEST_NORMAL = 2.2250738585072014e-308;

/**
 * An integer must be one that a double holds, or the shortest text of one (`1e23`, which is how every program writes that
 * double). A fraction is rounded to some 16 digits, as everywhere, but must not become an integer: 0.99999999999999999999 is
 * not 1, nor is 1e-400 nothing. -0 is refused: it is written again as 0.
 *
 * @param text digits and what numbers are made of beside them. True for what is no number of JSON: the parser refuses that.
 */
export function isKeptNumber(text: string): boolean {
  const double = Number(text);
  const size = Math.abs(double);
  if (size >= SMALLEST_NORMAL && Number.isFinite(double) && (!Number.isInteger(double) || isShort(text))) return true;
  const given = decimalOf(text);
  if (given === null) return true;
  if (!Number.isFinite(double) || Object.is(double, -0)) return false;
  if (double === 0) return given.digits === "";
  const written = decimalOf(String(double));
  if (given.digits === written?.digits && given.exponent === written.exponent) return true;
  // Given in full: a large double is written by the fewest digits that tell it from its neighbours, not by its exact ones.
  return given.exponent >= 0 && BigInt(given.digits + "0".repeat(given.exponent)) === BigInt(Math.abs(double));
}

/**
 * Whether it has few enough digits, zeros before the first left out, that no two such numbers share a double (IEEE 754: 15): it is the
 * shortest text of its own. A quick look, so that a million of them are quick.
 */
function isShort(text: string): boolean {
  let digits = 0;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index) | 0x20;
    if (code === 0x65) break;
    const isDigit = code >= 0x30 && code <= 0x39;
    if (isDigit && (digits > 0 || code > 0x30)) digits += 1;
  }
  return digits <= 15;
}

/** `digits` times ten to the `exponent`, the digits without zeros at either end. */
interface Decimal {
  readonly digits: string;
  readonly exponent: number;
}

function decimalOf(text: string): Decimal | null {
  const [match, whole = "", fraction = "", exponent = "0"] = FORM.exec(text) ?? [];
  if (match === undefined) return null;
  const all = whole + fraction;
  let end = all.length;
  while (end > 0 && all.charCodeAt(end - 1) === 0x30) end -= 1;
  let start = 0;
  while (start < end && all.charCodeAt(start) === 0x30) start += 1;
  return { digits: all.slice(start, end), exponent: Number(exponent) - fraction.length + (all.length - end) };
}
