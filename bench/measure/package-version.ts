// The version of an installed npm package of this bench.
import { readFileSync } from "node:fs";

export function packageVersion(name: string): string {
  const manifest = readFileSync(new URL(`../node_modules/${name}/package.json`, import.meta.url), "utf8");
  return (JSON.parse(manifest) as { version: string }).version;
}
