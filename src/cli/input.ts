// JSON that a command is given as an argument, or on stdin.

import { buffer } from "node:stream/consumers";
import { UsageError } from "./exit-status.ts";
import { parseJson } from "./payload.ts";
import { textOf } from "./utf8.ts";

/** @param what to call it in an error */
export async function jsonInput(given: string | undefined, what: string): Promise<unknown> {
  if (given !== undefined && given !== "-") return parseJson(given, what);
  if (process.stdin.isTTY) throw new UsageError(`no ${what}: give it as an argument, or on stdin`);
  return parseJson(textOf(await buffer(process.stdin), what), what);
}
