// Finds an installed program: on the PATH, in the system's own directories, or where its package hides it.
import { accessSync, constants, globSync } from "node:fs";
import { delimiter, join } from "node:path";

/** The path of `name`, or null. `patterns` are globs of further directories, the last match wins. */
export function findProgram(name: string, ...patterns: string[]): string | null {
  const places = patterns.flatMap((pattern) => globSync(pattern).sort().toReversed());
  const path = (process.env["PATH"] ?? "").split(delimiter);
  for (const place of [...places, ...path, "/usr/sbin", "/usr/local/sbin"]) {
    const candidate = join(place, name);
    try {
      accessSync(candidate, constants.X_OK);
      return candidate;
    } catch {
      continue;
    }
  }
  return null;
}

/** What a peer's `missing` says: null if all are installed, else which is not and what brings it. */
export function missingProgram(packageName: string, ...found: readonly (string | null)[]): string | null {
  return found.includes(null) ? `not installed: apt-get install ${packageName} (or sh install-peers.sh)` : null;
}
