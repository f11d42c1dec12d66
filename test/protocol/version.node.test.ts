import { expect, test } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { VERSION } from "../../src/protocol/version.ts";

test("the version that health tells is the package's", () => {
  expect(VERSION).toBe(manifest.version);
});
