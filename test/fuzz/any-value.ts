// Any JSON, small or awkward.

import type { Random } from "../simulation/random.ts";

/** Text with everything in it that breaks parsers, quoting and storage. */
const AWKWARD = [
  "é",
  "漢",
  "🚨",
  "'",
  '"',
  "\\",
  "%",
  "\n",
  "\u2028",
  "; DROP TABLE tasks",
  "\u0000",
  "\u007f",
  "../",
  "<b>",
];
const NUMBERS = [0, 1, -1, 1.5, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, 1e-7];
const NAMES = ["id", "claim", "t", "é", "constructor", "toJSON", ""];

export function anyValue(random: Random, depth: number): unknown {
  const kind = random.below(depth > 0 ? 8 : 6);
  if (kind === 0) return random.pick(NUMBERS);
  if (kind === 1) return random.pick(AWKWARD).repeat(1 + random.below(20));
  if (kind === 2) return random.chance(0.5);
  if (kind === 3) return null;
  if (kind === 4) return "x".repeat(random.below(2_000));
  if (kind === 5) return "";
  const length = random.below(5);
  if (kind === 6) return Array.from({ length }, () => anyValue(random, depth - 1));
  return Object.fromEntries(
    Array.from({ length }, (_, index) => [random.pick(NAMES) + index, anyValue(random, depth - 1)]),
  );
}
