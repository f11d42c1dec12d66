// Instants as people write them: a date with or without a time, or ms since 1970.

import { UsageError } from "./exit-status.ts";

/** Without a zone the time is this machine's. */
const DATE = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})?)?$/;
/** In September 2001 ms since 1970 got a thirteenth digit; ten digits are seconds. */
const FIRST_MS = 1_000_000_000_000;

/** ms since 1970. */
export function parseInstant(option: string, text: string): number {
  const number = /^\d{1,16}$/.test(text) ? Number(text) : null;
  const given = `${option}: given ${JSON.stringify(text)}`;
  if (number !== null && number < FIRST_MS) {
    const meant =
      number * 1_000 >= FIRST_MS ? `; as seconds this would be ${new Date(number * 1_000).toISOString()}` : "";
    throw new UsageError(`${given}, allowed: ms since 1970, or a date such as 2030-01-01T09:00:00Z${meant}`);
  }
  const at = number ?? (DATE.test(text) ? Date.parse(text) : Number.NaN);
  if (!Number.isNaN(at)) return at;
  throw new UsageError(`${given}, allowed: a date such as 2030-01-01T09:00:00Z, or ms since 1970`);
}
