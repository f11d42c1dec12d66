// The frame of every command here: mistakes told without a stack, signals that stop what was started, an exit status.

import { exitCodeOf, type Exit } from "./child-exit.ts";
import { CommandError } from "./command-error.ts";

/** Runs the command and sets the process's status to what it returns; 1 when it could not do what was asked. */
export async function runCommand(command: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = await command();
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    console.error(`edgeq: ${error.message}`);
    process.exitCode = 1;
  }
}

/**
 * Waits for a server to end, and stops it on SIGINT, SIGTERM and SIGHUP.
 *
 * @returns 0 when it was stopped by such a signal; else the status with which the server ended by itself
 */
export async function untilStopped(server: { readonly exited: Promise<Exit>; stop(): Promise<Exit> }): Promise<number> {
  let isStopping = false;
  const stop = (): void => {
    isStopping = true;
    void server.stop();
  };
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const signal of signals) process.on(signal, stop);
  const exit = await server.exited;
  for (const signal of signals) process.off(signal, stop);
  if (isStopping) return 0;
  const code = exitCodeOf(exit);
  console.error(`edgeq: the server ended by itself (${exit.signal ?? `status ${code}`})`);
  return code;
}
