// Compatibility flags that a Worker of one's own forgot, as they are named in its log. That they are is shown with the programs of
// docs/binding.md, and that nothing is said of a Worker that has them with the embedded example.

import { expect, it } from "vitest";
import { missingFlagsText } from "../../src/object/compatibility.ts";

it.each([
  [{ web_socket_compression: true }, /add "enable_request_signal", "no_web_socket_compression" to/],
  [{ enable_request_signal: true, web_socket_compression: true }, /add "no_web_socket_compression" to/],
  [
    { web_socket_compression: false },
    /add "enable_request_signal" to .*: without enable_request_signal, a waiting claim/,
  ],
])("of %j the missing ones are named, with what is worse without them", (flags, said) => {
  expect(missingFlagsText(flags)).toMatch(said);
});

it("nothing is reported when all are there", () => {
  expect(missingFlagsText({ enable_request_signal: true, web_socket_compression: false })).toBeNull();
});
