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
    const at = text.indexOf(piece, end);
    if (at === -1) return -1;
    end = at + piece.length;
  }
  return end;
}
