// Options of a task that several commands take, read as people write them.

import type { WireTaskChange } from "../client/index.ts";
import { parseDuration } from "./duration.ts";
import { UsageError } from "./exit-status.ts";
import { parseInstant } from "./instant.ts";

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
    ...(at === undefined ? {} : { visibleAt: parseInstant("--at", at) }),
    ...(lane === undefined ? {} : { lane }),
    ...(priority === undefined ? {} : { priority: parsePriority(priority) }),
    ...(header === undefined ? {} : { headers: headersOf(header) }),
  };
}

function parsePriority(text: string): number {
  if (/^-?\d{1,3}$/.test(text)) return Number(text);
  throw new UsageError(`--priority: given ${JSON.stringify(text)}, allowed: an integer from -100 to 100`);
}

function headersOf(given: readonly string[]): Record<string, string> {
  const headers = given.map(headerOf);
  const twice = headers.find(([name], at) => headers.findIndex(([other]) => other === name) < at);
  if (twice !== undefined) throw new UsageError(`--header: ${JSON.stringify(twice[0])} is given twice`);
  return Object.fromEntries(headers);
}

function headerOf(text: string): [string, string] {
  const at = text.indexOf("=");
  if (at > 0) return [text.slice(0, at), text.slice(at + 1)];
  throw new UsageError(`--header: given ${JSON.stringify(text)}, allowed: name=value`);
}
