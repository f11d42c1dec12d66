// Asks before something is lost for good.

import { createInterface } from "node:readline/promises";
import { UsageError } from "./exit-status.ts";

/** @throws {UsageError} when nobody can be asked, which must not count as a yes */
export async function confirm(question: string): Promise<boolean> {
  if (!process.stdin.isTTY) throw new UsageError("nobody can be asked here: add --yes if it is meant");
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await prompt.question(`${question} [y/N] `)).trim());
  } finally {
    prompt.close();
  }
}
