// A JSON body broken as text: each of these is refused by whoever reads JSON strictly, whatever the body was.

import type { Random } from "../simulation/random.ts";

const BROKEN: readonly ((text: string, random: Random) => string | Uint8Array<ArrayBuffer>)[] = [
  (text, random) => text.slice(0, Math.max(1, random.below(text.length))),
  (text) => `${text}x`,
  (text) => `${text}${text}`,
  (text) => text.replace("{", '{"a": NaN, '),
  (text) => text.replace("{", '{"a": 1e999, '),
  (text) => text.replace("{", '{"a": 12345678901234567890123, '),
  (text) => text.replace("{", String.raw`{"a\ud800": 1, `),
  (text) => text.replace("{", "{'a': 1, "),
  (text) => text.replace("{", '{"a": 01, '),
  (text) => `${"[".repeat(200)}${text}${"]".repeat(200)}`,
  (text) => text.replace("{", '{"a": "\u0001", '),
  (text) => new Uint8Array([...new TextEncoder().encode(text.slice(0, -1)), 0x22, 0xff, 0x22, 0x7d]),
  (text) => `\u0000${text}`,
];

/** @param text JSON of an object */
export function brokenJson(text: string, random: Random): string | Uint8Array<ArrayBuffer> {
  return random.pick(BROKEN)(text, random);
}
