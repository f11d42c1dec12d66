// Why an attempt failed, as it is sent. It is a job's own text, and must not decide whether its failure is recorded.

/** The server keeps as much. Characters. */
const MAX_LENGTH = 1_024;

/** The text cut to what is kept, with U+FFFD for half a surrogate pair, whether given or left by the cut. */
export function nackError(text: string): string {
  return text.slice(0, MAX_LENGTH).replace(/\p{Surrogate}/gu, "\uFFFD");
}
