// `npm run build:package`: what is published, in dist/package. The client and the consumer are modules, so that bundlers keep
// what is used; the command line and the Worker are bundled with what they depend on, so that installing edgeq installs nothing else.

import { execFile } from "node:child_process";
import { chmod, glob, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { promisify } from "node:util";
import { build, stop } from "esbuild";
import { buildDashboard } from "./build-dashboard.ts";
import { bundle } from "./bundle.ts";
import { prunePackage } from "./prune-package.ts";
import { PROJECT_DIR } from "./worker-config.ts";

const run = promisify(execFile);

const OUT_DIR = join(PROJECT_DIR, "dist/package");
/** Each with the types of the runtimes it is for: the client and the consumer know no Worker. */
const PROJECTS = ["package-client", "package-worker", "package-testing"];
/** Node 20.19, the oldest that package.json allows. */
const CLI_TARGET = "node20.19";

/** Builds all anew, and answers with the folder. */
export async function buildPackage(): Promise<string> {
  await buildDashboard();
  await stop();
  await rm(OUT_DIR, { recursive: true, force: true });
  for (const project of PROJECTS) {
    await run(process.execPath, [compiler(), "-p", join(PROJECT_DIR, "tsconfig", `${project}.json`)]);
  }
  for await (const path of glob("**/*.d.ts", { cwd: OUT_DIR })) await namesScripts(join(OUT_DIR, path));
  await prunePackage(OUT_DIR, await entryPoints());
  await bundle(join(OUT_DIR, "worker"));
  await buildCli(join(OUT_DIR, "cli"));
  return OUT_DIR;
}

/** What package.json exports, as far as the compiler makes it. */
async function entryPoints(): Promise<string[]> {
  const { exports } = JSON.parse(await readFile(join(PROJECT_DIR, "package.json"), "utf8")) as {
    readonly exports: Readonly<Record<string, string | { readonly types: string; readonly default: string }>>;
  };
  const files = Object.values(exports).flatMap((entry) =>
    typeof entry === "string" ? [] : [entry.types, entry.default],
  );
  return files.map((file) => relative(OUT_DIR, join(PROJECT_DIR, file))).filter((file) => !file.startsWith("worker/"));
}

/** Some commands are loaded on demand, so there are chunks beside main.js. @returns the path of main.js */
export async function buildCli(outdir: string): Promise<string> {
  await build({
    absWorkingDir: PROJECT_DIR,
    entryPoints: ["src/cli/main.ts"],
    outdir,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: CLI_TARGET,
    // commander is CommonJS: bundled, it asks for Node's modules by `require`.
    banner: {
      js: `import { createRequire as edgeqRequire } from "node:module"; const require = edgeqRequire(import.meta.url);`,
    },
    external: ["workerd"],
    logLevel: "warning",
  });
  // esbuild's own process would else stay for as long as this one.
  await stop();
  const main = join(outdir, "main.js");
  await chmod(main, 0o755);
  return main;
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
