// The orchestrator: rounds interleaved (round 1 of every subject, then round 2 of every subject), each
// subject in a load process of its own, so that neither heap nor heat favours one of them.
import { fork, type ChildProcess } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { LoadMessage, LoadOrder } from "./load-process.ts";
import type { Measurement } from "./measurement.ts";
import type { Settings } from "./settings.ts";
import type { Subject } from "./subject.ts";

export interface SubjectSource {
  /** URL of the module that exports `subjects`; the load process imports it again. */
  readonly module: string;
  readonly subject: Subject;
}

export interface SubjectResult {
  readonly name: string;
  readonly durability: string;
  version: string;
  /** Why it was not run, or what failed. */
  problem: string | null;
  /** One list per round. */
  readonly rounds: Measurement[][];
}

/** A subject that takes longer than this in one round is stopped and named as failed. */
const subjectLimitMs = 10 * 60_000;

export async function runRounds(
  sources: readonly SubjectSource[],
  settings: Settings,
  baseDir: string,
  say: (line: string) => void,
): Promise<SubjectResult[]> {
  const results = sources.map(({ subject }): SubjectResult => {
    const { name, durability } = subject;
    return { name, durability, version: "", problem: subject.missing(), rounds: [] };
  });
  for (let round = 1; round <= settings.rounds; round += 1) {
    for (const [index, source] of sources.entries()) {
      const result = results[index];
      if (!result || result.problem !== null) continue;
      say(`round ${round} of ${settings.rounds}: ${result.name}`);
      await runOnce(source, settings, baseDir, result, say);
    }
  }
  return results;
}

async function runOnce(
  source: SubjectSource,
  settings: Settings,
  baseDir: string,
  result: SubjectResult,
  say: (line: string) => void,
): Promise<void> {
  const dir = mkdtempSync(join(baseDir, "edgeq-bench-"));
  // Servers that run as another user must reach their own directory below.
  chmodSync(dir, 0o755);
  const child = fork(new URL("load-process.ts", import.meta.url), {
    execArgv: ["--disable-warning=ExperimentalWarning"],
  });
  const release = endWithThisProcess(child, dir);
  const measured: Measurement[] = [];
  try {
    await new Promise<void>((resolve) => {
      const limit = setTimeout(() => {
        result.problem = `took longer than ${subjectLimitMs} ms`;
        child.kill("SIGTERM");
      }, subjectLimitMs);
      child.on("message", (message: LoadMessage) => {
        if (message.kind === "measured") {
          measured.push(message.measurement);
          const { workload, tasks, elapsedMs, latency } = message.measurement;
          say(
            `  ${workload}: ${Math.round((tasks / elapsedMs) * 1000)}/s, p50 ${latency.p50Ms.toFixed(2)} ms, p99 ${latency.p99Ms.toFixed(2)} ms`,
          );
        } else if (message.kind === "done") result.version = message.version;
        else result.problem = message.reason;
      });
      child.once("exit", (code) => {
        clearTimeout(limit);
        if (code !== 0) result.problem ??= `its load process ended with ${code}`;
        resolve();
      });
      child.send({ module: source.module, subject: source.subject.name, dir, settings } satisfies LoadOrder);
    });
  } finally {
    release();
    rmSync(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
  if (result.problem !== null) say(`  failed: ${result.problem}`);
  result.rounds.push(measured);
}

/** Interrupted: tell the load process to stop its servers, wait for it, then end. */
function endWithThisProcess(child: ChildProcess, dir: string): () => void {
  const end = (): void => {
    child.once("exit", () => {
      rmSync(dir, { recursive: true, force: true });
      process.exit(130);
    });
    child.kill("SIGTERM");
  };
  process.on("SIGINT", end);
  process.on("SIGTERM", end);
  return () => {
    process.off("SIGINT", end);
    process.off("SIGTERM", end);
  };
}
