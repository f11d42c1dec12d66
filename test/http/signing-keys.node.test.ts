// The secret EDGEQ_KEYS as its owner may write it.

import { expect, test } from "vitest";
import { parseSigningKeys } from "../../src/http/signing-keys.ts";

const SECRET = "0123456789abcdef0123456789abcdef";

function keysOf(value: unknown): ReturnType<typeof parseSigningKeys> {
  return parseSigningKeys(JSON.stringify(value));
}

test("keys come in the order of the configuration, their secrets as UTF-8", () => {
  const result = keysOf({ old: SECRET, new: "é".repeat(16) });
  expect(result).toEqual({
    kind: "keys",
    keys: new Map([
      ["old", new TextEncoder().encode(SECRET)],
      ["new", new TextEncoder().encode("é".repeat(16))],
    ]),
  });
});

test("a file's newline at the end does no harm", () => {
  expect(parseSigningKeys(`{"k1":"${SECRET}"}\n`)).toMatchObject({ kind: "keys" });
});

test.each([
  ["text that is not JSON", "k1=secret"],
  ["an array", `["${SECRET}"]`],
  ["null", "null"],
  ["no key", "{}"],
  ["a secret of 31 bytes", JSON.stringify({ k1: SECRET.slice(1) })],
  ["a secret that is no text", JSON.stringify({ k1: 1 })],
  ["an empty key id", JSON.stringify({ "": SECRET })],
  ["a key id with a space", JSON.stringify({ "k 1": SECRET })],
  ["17 keys", JSON.stringify(Object.fromEntries(Array.from({ length: 17 }, (_, index) => [`k${index}`, SECRET])))],
  ["one good key and one bad", JSON.stringify({ k1: SECRET, k2: "short" })],
])("%s is malformed, and no secret is told", (_, text) => {
  const result = parseSigningKeys(text);
  expect(result.kind).toBe("malformed");
  expect(JSON.stringify(result)).not.toContain(SECRET.slice(1));
});

test("16 keys are allowed", () => {
  const keys = Object.fromEntries(Array.from({ length: 16 }, (_, index) => [`k${index}`, SECRET]));
  expect(keysOf(keys)).toMatchObject({ kind: "keys" });
});
