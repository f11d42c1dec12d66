// How a text or a number is compared with what is searched for. Case does not matter; `*` stands for any characters.

export type TextTest = (text: string) => boolean;

/** The whole text is as the pattern says. */
export function whole(pattern: string): TextTest {
  const { head, middle, tail } = piecesOf(pattern);
  if (tail === null) return (text) => text.toLowerCase() === head;
  return (given) => {
    const text = given.toLowerCase();
    if (!text.startsWith(head)) return false;
    const end = endOf(middle, text, head.length);
    return end !== -1 && text.length - tail.length >= end && text.endsWith(tail);
  };
}

/** Some part of the text is. */
export function within(pattern: string): TextTest {
  const { head, middle, tail } = piecesOf(pattern);
  const pieces = [head, ...middle, ...(tail === null ? [] : [tail])];
  return (text) => endOf(pieces, text.toLowerCase(), 0) !== -1;
}

/** "3", ">3", "<=-2". */
export function comparison(text: string): (value: number) => boolean {
  const [, sign = "", digits = ""] = /^([<>]=?)?(-?\d+)$/.exec(text) ?? [];
  const wanted = digits === "" ? Number.NaN : Number(digits);
  switch (sign) {
    case ">":
      return (value) => value > wanted;
    case ">=":
      return (value) => value >= wanted;
    case "<":
      return (value) => value < wanted;
    case "<=":
      return (value) => value <= wanted;
    default:
      return (value) => value === wanted;
  }
}

/** The texts between a pattern's stars; `tail` null: it has no star. */
function piecesOf(pattern: string): { head: string; middle: readonly string[]; tail: string | null } {
  const [head = "", ...rest] = pattern.toLowerCase().split("*");
  const tail = rest.pop() ?? null;
  return { head, middle: rest, tail };
}

/**
 * Where the pieces end when each is found after the one before it; -1: not all are there. Takes each piece's first place, so
 * that the time grows with the text's length alone, where a regular expression would try them all.
 */
function endOf(pieces: readonly string[], text: string, from: number): number {
  let end = from;
  for (const piece of pieces) {
    const at = placeOf(piece, text, end);
    if (at === -1) return -1;
    end = at + piece.length;
  }
  return end;
}

/** `indexOf` compares at each place as far as the two agree: a megabyte of one letter took half a second for a piece of 900. */
const SHORT_PIECE = 8;

/**
 * The first place of a piece, in time that grows with the text's length alone (Knuth, Morris and Pratt). While nothing of it is
 * matched, its first character is looked for, which is as fast as `indexOf`.
 */
function placeOf(piece: string, text: string, from: number): number {
  if (piece.length <= SHORT_PIECE) return text.indexOf(piece, from);
  const borders = bordersOf(piece);
  const [first = ""] = piece;
  let matched = 0;
  for (let at = from; at < text.length; at += 1) {
    if (matched === 0) {
      at = text.indexOf(first, at);
      if (at === -1) return -1;
    }
    const code = text.charCodeAt(at);
    while (matched > 0 && code !== piece.charCodeAt(matched)) matched = borders[matched - 1] ?? 0;
    if (code === piece.charCodeAt(matched)) matched += 1;
    if (matched === piece.length) return at + 1 - matched;
  }
  return -1;
}

/** Of each beginning of a piece, the length of the longest shorter one that it ends with. */
function bordersOf(piece: string): Uint16Array {
  const borders = new Uint16Array(piece.length);
  for (let at = 1, matched = 0; at < piece.length; at += 1) {
    while (matched > 0 && piece.charCodeAt(at) !== piece.charCodeAt(matched)) matched = borders[matched - 1] ?? 0;
    if (piece.charCodeAt(at) === piece.charCodeAt(matched)) matched += 1;
    borders[at] = matched;
  }
  return borders;
}
