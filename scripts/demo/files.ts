// The demo's input: every file of a folder, as it is on this machine.

import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";

const PARALLEL_FILES = 8;
const CHUNK_BYTES = 1_048_576;

/**
 * Paths of all files under a folder, relative to it, sorted. Without links, and without what begins with a dot: tools keep
 * caches there that change while we look.
 */
export async function filesOf(folder: string): Promise<string[]> {
  const files: string[] = [];
  const folders = [""];
  for (let next = folders.pop(); next !== undefined; next = folders.pop()) {
    for (const entry of await readdir(join(folder, next), { withFileTypes: true })) {
      if (entry.name.startsWith(".")) continue;
      if (entry.isDirectory()) folders.push(join(next, entry.name));
      else if (entry.isFile()) files.push(join(next, entry.name));
    }
  }
  return files.toSorted();
}

/** A stream, since there may be files larger than memory. What cannot be read has its error's code for a hash. */
export async function sha256Of(path: string): Promise<string> {
  const hash = createHash("sha256");
  try {
    await pipeline(createReadStream(path, { highWaterMark: CHUNK_BYTES }), hash);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? "unreadable";
  }
  return hash.digest("hex");
}

/** The same, for many files at a time; results in their order. */
export async function sha256OfAll(paths: readonly string[]): Promise<string[]> {
  const hashes: string[] = [];
  for (let from = 0; from < paths.length; from += PARALLEL_FILES)
    hashes.push(...(await Promise.all(paths.slice(from, from + PARALLEL_FILES).map(sha256Of))));
  return hashes;
}
