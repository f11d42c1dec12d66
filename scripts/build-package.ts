// `npm run build:package`: what is published, as ESM with declarations in dist/package: the client, the consumer, the
// command line, the Worker.

import { execFile } from "node:child_process";
import { cp, glob, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { promisify } from "node:util";
import { PROJECT_DIR } from "./worker-config.ts";

const run = promisify(execFile);

const OUT_DIR = join(PROJECT_DIR, "dist/package");
/** Each with the types of the runtimes it is for: the client and the consumer know no Worker. */
const PROJECTS = ["package-client", "package-cli", "package-worker"];

/** Builds all anew, and answers with the folder. */
export async function buildPackage(): Promise<string> {
  await rm(OUT_DIR, { recursive: true, force: true });
  for (const project of PROJECTS) {
    await run(process.execPath, [compiler(), "-p", join(PROJECT_DIR, "tsconfig", `${project}.json`)]);
  }
  for await (const path of glob("**/*.d.ts", { cwd: OUT_DIR })) await namesScripts(join(OUT_DIR, path));
  // What the Worker imports as text.
  for await (const path of glob("**/*.{html,txt}", { cwd: join(PROJECT_DIR, "src") })) {
    await mkdir(dirname(join(OUT_DIR, path)), { recursive: true });
    await cp(join(PROJECT_DIR, "src", path), join(OUT_DIR, path));
  }
  return OUT_DIR;
}

/** The compiler rewrites imports of ./x.ts in scripts, not in declarations (TypeScript issue 61037). */
async function namesScripts(path: string): Promise<void> {
  const text = await readFile(path, "utf8");
  await writeFile(path, text.replaceAll(/(["'])(\.{1,2}\/[^"']+)\.ts\1/g, "$1$2.js$1"));
}

function compiler(): string {
  return join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin/tsc");
}

if (import.meta.main) console.log(relative(process.cwd(), await buildPackage()));
