// A command of scripts/, or another one, run as a person would: in a process of its own, with what it starts in its process group.

import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { onTestFinished } from "vitest";
import { exitOf, type Exit } from "../../src/serve/child-exit.ts";

const SCRIPTS = resolve(import.meta.dirname, "../../scripts");

export interface RunningScript {
  readonly exited: Promise<Exit>;
  /** Fulfilled with the match when the output has it; rejected if the script ends without. */
  said(pattern: RegExp): Promise<RegExpExecArray>;
  stdout(): string;
  stderr(): string;
  /** To the script alone. */
  signal(name: NodeJS.Signals): void;
  /** SIGKILL to the script and all it has started: the power is cut. */
  cutPower(): Promise<void>;
  /** Those of what the script started that run a program of this name. Linux only. */
  pidsOf(program: string): number[];
  /** Whether anything that the script started is still there. */
  isGroupAlive(): boolean;
}

/**
 * @param name in scripts/, or where it is
 * @param env beside PATH and HOME, all that the script finds in its environment
 */
export function runScript(
  name: string,
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): RunningScript {
  const { PATH = "", HOME = "", NODE_COMPILE_CACHE } = process.env;
  const child = spawn(process.execPath, [resolve(SCRIPTS, name), ...args], {
    detached: true,
    env: { NODE_COMPILE_CACHE, PATH, HOME, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const exited = exitOf(child);
  const output = { stdout: "", stderr: "" };
  const listeners = new Set<() => void>();
  for (const stream of ["stdout", "stderr"] as const) {
    child[stream].setEncoding("utf8").on("data", (text: string) => {
      output[stream] += text;
      for (const listener of listeners) listener();
    });
  }
  onTestFinished(() => {
    signalGroup(child, "SIGKILL");
  });
  return {
    exited,
    said: (pattern) =>
      new Promise((fulfil, reject) => {
        const look = (): void => {
          const match = pattern.exec(output.stdout + output.stderr);
          if (match === null) return;
          listeners.delete(look);
          fulfil(match);
        };
        listeners.add(look);
        child.once("close", () =>
          reject(new Error(`${name} ended without ${pattern}: ${output.stdout}${output.stderr}`)),
        );
        look();
      }),
    stdout: () => output.stdout,
    stderr: () => output.stderr,
    signal: (signal) => void child.kill(signal),
    async cutPower() {
      signalGroup(child, "SIGKILL");
      await exited;
    },
    pidsOf: (program) => groupOf(child).flatMap((member) => (member.name === program ? [member.pid] : [])),
    isGroupAlive: () => isGroupAlive(child),
  };
}

export interface FinishedScript {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a script to its end. */
export async function finishScript(...run: Parameters<typeof runScript>): Promise<FinishedScript> {
  const script = runScript(...run);
  const { code } = await script.exited;
  return { code, stdout: script.stdout(), stderr: script.stderr() };
}

/** A folder that goes with the test. */
export function temporaryFolder(): string {
  const path = mkdtempSync(join(tmpdir(), "edgeq-test-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** Whether anybody of the group still runs. */
function isGroupAlive(child: ChildProcess): boolean {
  return process.platform === "linux" ? groupOf(child).length > 0 : signalGroup(child, 0);
}

interface Member {
  readonly pid: number;
  readonly name: string;
}

/** Those of the group that run. An orphan that has ended but that nobody has asked about does not. */
function groupOf(child: ChildProcess): Member[] {
  return readdirSync("/proc").flatMap((entry) => {
    if (!/^\d+$/.test(entry)) return [];
    // "pid (name) state ppid pgrp ...", where a name may hold anything.
    const [, name = "", rest = ""] = /^\d+ \((.*)\) (.*)$/s.exec(statOf(entry)) ?? [];
    const [state, , group] = rest.split(" ");
    return group === String(child.pid) && state !== "Z" ? [{ pid: Number(entry), name }] : [];
  });
}

/** Empty: it has gone meanwhile. */
function statOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch {
    return "";
  }
}

/** False: nobody is there. */
function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals | 0): boolean {
  if (pid === undefined) return false;
  try {
    return process.kill(-pid, signal);
  } catch {
    return false;
  }
}
