// What fences claims must never repeat.

import { expect, test } from "vitest";
import { nonce } from "../../src/object/nonce.ts";

test("every nonce has 16 hexadecimal digits and is another", () => {
  const made = Array.from({ length: 1_000 }, () => nonce());
  for (const each of made) expect(each).toMatch(/^[0-9a-f]{16}$/);
  expect(new Set(made).size).toBe(made.length);
});
