// Durations as people write them and read them: 500ms, 30s, 5m, 2h, 7d.

import { UsageError } from "./exit-status.ts";

const UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** ms. A number without unit is ms. The ranges are the server's to check. */
export function parseDuration(option: string, text: string): number {
  const [, count = "", unit = "ms"] = /^(\d{1,12}(?:\.\d{1,3})?)(ms|s|m|h|d)?$/.exec(text) ?? [];
  const ms = Number(count) * UNITS[unit as keyof typeof UNITS];
  if (count !== "" && Number.isInteger(ms)) return ms;
  throw new UsageError(
    `${option}: given ${JSON.stringify(text)}, allowed: a duration such as 500ms, 30s, 5m, 2h or 7d`,
  );
}

/** About how long, in the largest unit that fits. */
export function shownDuration(ms: number): string {
  for (const [unit, length] of Object.entries(UNITS).toReversed()) {
    if (ms >= length * 2 || (unit === "ms" && ms < 2_000)) return `${Math.round(ms / length)}${unit}`;
  }
  return `${Math.round(ms)}ms`;
}

export function parseCount(option: string, text: string, min: number, max: number): number {
  const count = Number(text);
  if (/^\d{1,15}$/.test(text) && count >= min && count <= max) return count;
  throw new UsageError(`${option}: given ${JSON.stringify(text)}, allowed: an integer from ${min} to ${max}`);
}
