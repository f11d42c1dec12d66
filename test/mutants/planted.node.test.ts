// Every planted fault has its place in the source as it is: one that has lost it would never be run again.

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { EVERY_MUTANT } from "./planted/every-mutant.ts";
import { plantedSource } from "./planted-source.ts";

const PROJECT = new URL("../../", import.meta.url);

test.each(EVERY_MUTANT.map((mutant) => [mutant.name, mutant] as const))("%s: can be planted", (_name, mutant) => {
  const source = readFileSync(new URL(mutant.file, PROJECT), "utf8");
  expect(plantedSource(mutant, source)).not.toBe(source);
});
