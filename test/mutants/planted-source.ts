// What becomes of a source file when a mutant is planted in it.

import { transformSync } from "esbuild";
import type { Mutant } from "./mutant.ts";

/** @throws when the search text does not stand in the source exactly once, or when the result does not parse */
export function plantedSource({ name, file, search, replace }: Mutant, source: string): string {
  const count = source.split(search).length - 1;
  if (count !== 1)
    throw new Error(`${name}: the search text stands in ${file} ${count} times, expected once: ${search}`);
  const planted = source.replace(search, () => replace);
  transformSync(planted, { loader: "ts" });
  return planted;
}
