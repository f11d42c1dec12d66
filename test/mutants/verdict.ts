// What the output of a suite says about the fault that was planted under it.

export interface Verdict {
  /** `no time`: random runs were cut off before one of them had failed. That is the machine's doing as likely as the fault's. */
  readonly result: "passed" | "failed" | "no time";
  /** What failed; empty when nothing did. */
  readonly by: string;
}

/** As fast-check says it. */
const CUT_OFF = /Property interrupted after \d+ tests/;

/**
 * @param failure finds the line that names what failed
 * @returns null: it failed and names nothing
 */
export function verdictOf(failure: RegExp, isPassed: boolean, output: string): Verdict | null {
  if (isPassed) return { result: "passed", by: "" };
  const by = failure.exec(output)?.[1];
  if (by === undefined) return null;
  return { result: CUT_OFF.test(output) ? "no time" : "failed", by };
}
