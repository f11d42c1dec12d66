// The frame of every command here: mistakes told without a stack, and an exit status.

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
