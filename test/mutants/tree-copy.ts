// A copy of the tree in a temporary folder, in which mutants are planted and taken out again, so that nobody else meets them.

import { execFileSync, spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Mutant } from "./mutant.ts";
import { plantedSource } from "./planted-source.ts";
import { SUITES, type SuiteName } from "./suites.ts";
import { verdictOf, type Verdict } from "./verdict.ts";

const PROJECT = new URL("../..", import.meta.url).pathname;
/** Of each model, three times those of `npm test`: a planted fault may be one that few runs fall in. */
const MODEL_RUNS = "400";
/** A suite that has not ended by then hangs, which is a failure too. */
const LIMIT_MS = 300_000;

export class TreeCopy {
  readonly folder = mkdtempSync(join(tmpdir(), "edgeq-mutants-"));

  constructor() {
    const files = execFileSync("git", ["ls-files", "-z"], { cwd: PROJECT, encoding: "utf8" })
      .split("\0")
      .filter(Boolean);
    for (const file of files) {
      const to = join(this.folder, file);
      mkdirSync(dirname(to), { recursive: true });
      cpSync(join(PROJECT, file), to);
    }
    symlinkSync(join(PROJECT, "node_modules"), join(this.folder, "node_modules"));
  }

  /**
   * Plants a mutant.
   *
   * @returns what takes it out again
   * @throws when its search text does not stand in the file exactly once, or when the result does not parse
   */
  plant(mutant: Mutant): () => void {
    const path = join(this.folder, mutant.file);
    const before = readFileSync(path, "utf8");
    writeFileSync(path, plantedSource(mutant, before));
    return () => writeFileSync(path, before);
  }

  run(suite: SuiteName): Promise<Verdict> {
    const { command, failure } = SUITES[suite];
    const [program = "", ...parameters] = command;
    const path = `${join(PROJECT, "node_modules/.bin")}:${process.env["PATH"] ?? ""}`;
    return new Promise((fulfil, reject) => {
      const child = spawn(program, parameters, {
        cwd: this.folder,
        env: { ...process.env, PATH: path, NO_COLOR: "1", CI: "1", EDGEQ_MODEL_RUNS: MODEL_RUNS },
        stdio: ["ignore", "pipe", "pipe"],
        detached: true,
      });
      let output = "";
      for (const stream of [child.stdout, child.stderr])
        stream.setEncoding("utf8").on("data", (text: string) => (output += text));
      let isOverdue = false;
      const overdue = setTimeout(() => {
        isOverdue = true;
        // The suite and all that it has started.
        if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
      }, LIMIT_MS);
      child.on("error", reject);
      child.on("close", (code) => {
        clearTimeout(overdue);
        const verdict: Verdict | null = isOverdue
          ? { result: "failed", by: "it hangs" }
          : verdictOf(failure, code === 0, output);
        // A suite that could not even start has found nothing.
        if (verdict === null) reject(new Error(`${suite} failed and names no test:\n${output.slice(-3_000)}`));
        else fulfil(verdict);
      });
    });
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
