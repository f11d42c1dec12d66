// JSON that a command is given as an argument, or on stdin.

import { text as textOf } from "node:stream/consumers";
import { UsageError } from "./exit-status.ts";
import { parseJson } from "./payload.ts";

/** @param what to call it in an error */
export async function jsonInput(given: string | undefined, what: string): Promise<unknown> {
  if (given !== undefined && given !== "-") return parseJson(given, what);
  if (process.stdin.isTTY) throw new UsageError(`no ${what}: give it as an argument, or on stdin`);
  return parseJson(await textOf(process.stdin), what);
}
