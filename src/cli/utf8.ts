// Bytes as the text that they are. What is not UTF-8 is refused, as the server does: Node would quietly put U+FFFD in its place.

import { isUtf8 } from "node:buffer";
import { UsageError } from "./exit-status.ts";

/**
 * @param source what to call the bytes in an error
 * @param hint what to do about it, at its end
 */
export function textOf(bytes: Buffer, source: string, hint = ""): string {
  if (isUtf8(bytes)) return bytes.toString("utf8");
  throw new UsageError(`${source} is not UTF-8${hint}`);
}
