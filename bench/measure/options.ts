// How the commands of this package read their options, and where they say how far they are.

/** Progress goes to standard error, so that standard output is the result alone. */
export const say = (line: string): void => void process.stderr.write(`${line}\n`);

/** A list of names between commas; none: an empty list. */
export const namesOf = (list: string | undefined): string[] => (list ?? "").split(",").filter((name) => name !== "");

/** Throws with what is allowed. */
export function wholeOf(
  option: string,
  given: string | undefined,
  otherwise: number,
  least: number,
  most: number,
): number {
  const value = given === undefined ? otherwise : Number(given);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new Error(`--${option}: expected a whole number from ${least} to ${most}, found ${given}`);
}
