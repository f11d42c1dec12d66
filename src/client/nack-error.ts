// Why an attempt failed, as it is sent. It is a job's own text, and must not decide whether its failure is recorded.

import { ERROR_LENGTH } from "../protocol/call-limits.ts";
import { messageOf } from "./edgeq-error.ts";

/** The text, or an error's message, cut to the length that a queue stores, with U+FFFD for half a surrogate pair, whether given or left by the cut. */
export function nackError(error: unknown): string {
  return messageOf(error).slice(0, ERROR_LENGTH).toWellFormed();
}
