// Numbers in messages are written as before, without the tables that the runtime would load for it.

import { expect, it } from "vitest";
import { thousands } from "../../src/core/thousands.ts";

it.each([0, 7, 999, 1_000, 65_536, 999_999, 1_000_000, 31_622_400_000, Number.MAX_SAFE_INTEGER, -1_000, -999])(
  "%d is written as English does",
  (count) => {
    expect(thousands(count)).toBe(count.toLocaleString("en"));
  },
);
