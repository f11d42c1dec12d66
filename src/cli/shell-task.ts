// One task, done by a program: its payload on stdin, what else is known of it in the environment, its exit status the verdict.

import { spawn, type ChildProcess } from "node:child_process";
import { Socket } from "node:net";
import type { ClaimedTask } from "../client/index.ts";
import { rawPayload } from "./payload.ts";

/** Of what the program says on stderr, the end is kept with a task that failed: as much as the server keeps. */
const TAIL_LENGTH = 1_024;
/** Between asking a program to end and ending it. ms. */
const GRACE_MS = 5_000;
/** After a command has failed, how long the rest of its output is waited for. ms. */
const LAST_WORDS_MS = 200;

export interface ShellOutcome {
  /** null: ended by a signal. */
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stderrTail: string;
}

/**
 * Runs the command until it ends, whatever it leaves running in the background. When `signal` is aborted it is asked to end (SIGTERM, to all that it started), and ended
 * 5 s later. Rejects when it cannot be started.
 *
 * @param command one text: run by the shell; several: a program and its arguments
 */
export function runOnTask(
  command: readonly string[],
  queue: string,
  task: ClaimedTask,
  signal: AbortSignal,
): Promise<ShellOutcome> {
  const [program = "", ...args] = command;
  const child = spawn(program, args, {
    shell: command.length === 1,
    env: { ...process.env, ...environmentOf(queue, task) },
    stdio: ["pipe", "inherit", "pipe"],
    // A group of its own: a Ctrl-C on the terminal is for this process, which lets its tasks finish.
    detached: true,
  });
  let stderrTail = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    process.stderr.write(text);
    stderrTail = (stderrTail + text).slice(-TAIL_LENGTH);
  });
  // A program need not read its stdin.
  child.stdin.on("error", () => {});
  child.stdin.end(rawPayload(task));
  const takeOff = endOnAbort(child, signal);
  return new Promise<ShellOutcome>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (status, killedBy) => {
      const end = (): void => resolve({ status, signal: killedBy, stderrTail: stderrTail.trim() });
      // What runs on in the background has stderr open still, and is not waited for; its last words may be on their way.
      if (status === 0) end();
      else {
        child.once("close", end);
        setTimeout(end, LAST_WORDS_MS);
      }
      if (child.stderr instanceof Socket) child.stderr.unref();
    });
  }).finally(takeOff);
}

function endOnAbort(child: ChildProcess, signal: AbortSignal): () => void {
  let force: NodeJS.Timeout | undefined;
  const end = (): void => {
    killGroup(child, "SIGTERM");
    force = setTimeout(() => killGroup(child, "SIGKILL"), GRACE_MS);
  };
  if (signal.aborted) end();
  else signal.addEventListener("abort", end, { once: true });
  return () => {
    signal.removeEventListener("abort", end);
    clearTimeout(force);
  };
}

function killGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch (error) {
    // It has ended meanwhile.
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** docs/cli.md lists these. */
function environmentOf(queue: string, task: ClaimedTask): Record<string, string> {
  return {
    EDGEQ_QUEUE: queue,
    EDGEQ_TASK_ID: task.id,
    EDGEQ_ATTEMPT: String(task.attempts),
    EDGEQ_LANE: task.lane,
    ...(task.key === undefined ? {} : { EDGEQ_KEY: task.key }),
    EDGEQ_PRIORITY: String(task.priority),
    EDGEQ_ENQUEUED_AT: String(task.enqueuedAt),
    EDGEQ_CONTENT_TYPE: task.contentType ?? "application/json",
    EDGEQ_HEADERS: JSON.stringify(task.headers),
    ...(task.error === null ? {} : { EDGEQ_LAST_ERROR: withoutNul(task.error) }),
  };
}

/** The environment cannot hold it. */
function withoutNul(text: string): string {
  return text.replaceAll("\0", "");
}
