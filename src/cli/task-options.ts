// Options of a task that several commands take, read as people write them.

import type { WireTaskChange } from "../client/index.ts";
import { parseDuration } from "./duration.ts";
import { UsageError } from "./exit-status.ts";

export interface PlaceOptions {
  readonly delay?: string;
  readonly at?: string;
  readonly lane?: string;
  readonly priority?: string;
  readonly header?: readonly string[];
}

/** Where and when a task is offered, and its headers. */
export function placeOf({ delay, at, lane, priority, header }: PlaceOptions): Omit<WireTaskChange, "payload" | "key"> {
  return {
    ...(delay === undefined ? {} : { delayMs: parseDuration("--delay", delay) }),
    ...(at === undefined ? {} : { visibleAt: parseInstant(at) }),
    ...(lane === undefined ? {} : { lane }),
    ...(priority === undefined ? {} : { priority: parsePriority(priority) }),
    ...(header === undefined ? {} : { headers: Object.fromEntries(header.map(headerOf)) }),
  };
}

/** A date with or without a time; without a zone the time is this machine's. */
const DATE = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})?)?$/;
/** In September 2001 ms since 1970 got a thirteenth digit; ten digits are seconds. */
const FIRST_MS = 1_000_000_000_000;

function parseInstant(text: string): number {
  const number = /^\d{1,16}$/.test(text) ? Number(text) : null;
  const given = `--at: given ${JSON.stringify(text)}`;
  if (number !== null && number < FIRST_MS) {
    const meant =
      number * 1_000 >= FIRST_MS ? `; as seconds this would be ${new Date(number * 1_000).toISOString()}` : "";
    throw new UsageError(`${given}, allowed: ms since 1970, or a date such as 2030-01-01T09:00:00Z${meant}`);
  }
  const at = number ?? (DATE.test(text) ? Date.parse(text) : Number.NaN);
  if (!Number.isNaN(at)) return at;
  throw new UsageError(`${given}, allowed: a date such as 2030-01-01T09:00:00Z, or ms since 1970`);
}

function parsePriority(text: string): number {
  if (/^-?\d{1,3}$/.test(text)) return Number(text);
  throw new UsageError(`--priority: given ${JSON.stringify(text)}, allowed: an integer from -100 to 100`);
}

function headerOf(text: string): [string, string] {
  const at = text.indexOf("=");
  if (at > 0) return [text.slice(0, at), text.slice(at + 1)];
  throw new UsageError(`--header: given ${JSON.stringify(text)}, allowed: name=value`);
}
