// Whether what a request asks for can be carried to its queue's object, and held there. What never can is refused for good, before it
// is sent: "come again" would have its sender come for ever.

import { OBJECT_PARTS } from "../core/held-bytes.ts";
import { inputBytes, memoryBytes } from "../core/input-bytes.ts";
import { LIMITS } from "../core/limits.ts";
import { thousands } from "../core/thousands.ts";
import { Invalid } from "./invalid.ts";

/**
 * The input as it is.
 *
 * @throws {Invalid} `payload-too-large`: a body within its limit may still be too large once it is read, as `1e20` is 21 digits
 */
export function withinCall<Input>(input: Input): Input {
  const bytes = inputBytes(input);
  if (2 * bytes <= LIMITS.carriedBytes) return input;
  refuseBeyond(bytes, OBJECT_PARTS.requests);
  refuseBeyond(inputBytes(input, memoryBytes), LIMITS.carriedBytes);
  return input;
}

function refuseBeyond(bytes: number, limit: number): void {
  if (bytes <= limit) return;
  const given = `${thousands(bytes)} bytes once it is read`;
  throw new Invalid("body", given, `at most ${thousands(limit)} bytes once it is read`, "payload-too-large");
}
