// How a child process ends: waited for, asked for, insisted on. Knows nothing of what the process does.

import type { ChildProcess } from "node:child_process";
import { constants } from "node:os";

/** How a process ended: exactly one of the two is not null. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** What a shell says of a command that was not found. */
const NOT_STARTED = 127;
const STOP_LIMIT_MS = 5_000;

/**
 * Fulfilled when the process has ended, or could not be started at all. Never rejected.
 *
 * @param tell called with why it could not be started. Default: prints it to stderr
 */
export function exitOf(child: ChildProcess, tell: (why: string) => void = onStderr): Promise<Exit> {
  return new Promise((fulfil) => {
    child.once("error", (error) => {
      tell(error.message);
      fulfil({ code: NOT_STARTED, signal: null });
    });
    child.once("exit", (code, signal) => fulfil({ code, signal }));
  });
}

function onStderr(why: string): void {
  console.error(`edgeq: ${why}`);
}

/** As shells count it: a signal is 128 and its number. */
export function exitCodeOf({ code, signal }: Exit): number {
  return code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
}

/** SIGTERM, and SIGKILL if that has not ended the process within 5 s. Harmless when it has ended already. */
export async function stopChild(child: ChildProcess, exited: Promise<Exit>): Promise<Exit> {
  child.kill("SIGTERM");
  const overdue = setTimeout(() => child.kill("SIGKILL"), STOP_LIMIT_MS);
  return exited.finally(() => clearTimeout(overdue));
}
