// Where a string of a JSON text ends, found by searches: most of a text is the insides of its strings.

/**
 * @param start the index of the opening quote
 * @returns the index of the closing quote, or -1 if there is none
 */
export function endOfString(text: string, start: number): number {
  let end = start;
  do {
    end = text.indexOf('"', end + 1);
  } while (isEscaped(text, end));
  return end;
}

/** Whether an odd number of backslashes stands before it. */
function isEscaped(text: string, index: number): boolean {
  let start = index;
  while (text[start - 1] === "\\") start -= 1;
  return (index - start) % 2 === 1;
}
