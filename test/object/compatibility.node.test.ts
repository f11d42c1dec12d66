// Compatibility flags that a Worker of one's own forgot, as they are named in its log. That they are is shown with the embedded
// example.

import { expect, it } from "vitest";
import { readWorkerConfig } from "../../scripts/worker-config.ts";
import { missingFlagsText } from "../../src/object/compatibility.ts";

it.each([
  [{}, /"enable_request_signal", "no_web_socket_compression"/],
  [{ enable_request_signal: true, no_web_socket_compression: false }, /add "no_web_socket_compression" to/],
  [
    { no_web_socket_compression: true },
    /add "enable_request_signal" to .*: without enable_request_signal, a waiting claim/,
  ],
])("of %j the missing ones are named, with what is worse without them", (flags, said) => {
  expect(missingFlagsText(flags)).toMatch(said);
});

it("those of this project's own wrangler.toml are all that is needed", () => {
  const flags = Object.fromEntries(readWorkerConfig().compatibilityFlags.map((flag) => [flag, true]));
  expect(missingFlagsText(flags)).toBeNull();
});
