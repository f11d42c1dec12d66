// `npm run bench`, `bench:peers`, `bench:cost`, `bench:scale`, `bench:scenarios`, `bench:report`: the benchmark is a package of its own, so that
// the peers' clients are no dependency of edgeq. Installs it when that is needed, then hands over.
//
//   node scripts/bench.ts <command> [options]

import { spawn } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { exitCodeOf, exitOf } from "../src/serve/child-exit.ts";
import { CommandError } from "../src/serve/command-error.ts";
import { runCommand } from "../src/serve/run-command.ts";
import { benchOptions, hasNpmPrinted } from "./bench-options.ts";
import { PROJECT_DIR } from "./worker-config.ts";

const BENCH_DIR = join(PROJECT_DIR, "bench");
const COMMANDS = ["edgeq", "peers", "cost", "scale", "scenarios", "report"];

const [command = "", ...given] = process.argv.slice(2);
const options = benchOptions(given, process.env);

await runCommand(async () => {
  if (!COMMANDS.includes(command)) {
    throw new CommandError(`command: given ${JSON.stringify(command)}, allowed: ${COMMANDS.join(", ")}`);
  }
  if (options.includes("--json") && hasNpmPrinted(process.env)) {
    console.error(`edgeq: npm has printed two lines on standard output; give --json to npm: npm run bench --json`);
  }
  if (!isInstalled()) {
    const status = await run("npm", ["ci", "--prefix", BENCH_DIR]);
    if (status !== 0) throw new CommandError(`the benchmark's own packages could not be installed (status ${status})`);
  }
  const main = join(BENCH_DIR, `bench-${command}.ts`);
  return run(process.execPath, ["--disable-warning=ExperimentalWarning", main, ...options]);
});

/** npm writes this file when it has installed; one that is older than the lockfile is of another list. */
function isInstalled(): boolean {
  const installed = join(BENCH_DIR, "node_modules/.package-lock.json");
  return existsSync(installed) && statSync(installed).mtimeMs >= statSync(join(BENCH_DIR, "package-lock.json")).mtimeMs;
}

/** What it prints on standard output is the command's alone: npm's words go to standard error. */
async function run(program: string, args: readonly string[]): Promise<number> {
  const output = program === "npm" ? process.stderr : "inherit";
  const child = spawn(program, args, { stdio: ["inherit", output, "inherit"] });
  // The terminal's signal reaches the child too, and the child knows what to end.
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => child.kill(signal));
  return exitCodeOf(await exitOf(child));
}
