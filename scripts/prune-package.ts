// Removes from a build what no entry point leads to: the compiler writes the declarations of every file that it has read.

import { glob, readFile, rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";

/** Modules and declarations name what they import in one of these ways. */
const IMPORTS = /(?:from|import)\s*\(?\s*["'](\.{1,2}\/[^"']+)\.js["']/g;

/** @param entries modules and declarations to keep, relative to `dir`, with all that they import */
export async function prunePackage(dir: string, entries: readonly string[]): Promise<void> {
  const reached = new Set<string>();
  const left = entries.map((entry) => resolve(dir, entry));
  for (let path = left.pop(); path !== undefined; path = left.pop()) {
    if (reached.has(path)) continue;
    reached.add(path);
    const extension = path.endsWith(".d.ts") ? ".d.ts" : ".js";
    const text = await readFile(path, "utf8");
    for (const [, to = ""] of text.matchAll(IMPORTS)) left.push(`${resolve(dirname(path), to)}${extension}`);
  }
  for await (const path of glob("**/*.{js,d.ts}", { cwd: dir })) {
    if (!reached.has(resolve(dir, path))) await rm(join(dir, path));
  }
}
