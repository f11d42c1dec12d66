// Repeats what a command shows until it is interrupted or has looked often enough.

import { setTimeout as sleep } from "node:timers/promises";
import { parseCount, parseDuration } from "./duration.ts";

export interface LookOptions {
  readonly interval: string;
  readonly count?: string;
}

export const LOOKS_ARE_SHOWN =
  "On a terminal the table is drawn over itself; else each look is printed below the last, and with --json on a line.";

/** @throws {UsageError} */
export function intervalOf({ interval }: Pick<LookOptions, "interval">): number {
  return Math.max(100, parseDuration("--interval", interval));
}

/** @throws {UsageError} */
export async function lookAgain({ interval, count }: LookOptions, look: () => Promise<void>): Promise<void> {
  const intervalMs = intervalOf({ interval });
  const looks = count === undefined ? Infinity : parseCount("--count", count, 1, 1_000_000_000);
  for (let looked = 1; looked <= looks; looked += 1) {
    await look();
    if (looked < looks) await sleep(intervalMs);
  }
}
