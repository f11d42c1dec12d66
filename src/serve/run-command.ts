// The frame of every command here: mistakes are reported without a stack, and with an exit status.

import { CommandError } from "./command-error.ts";

/** Runs the command and sets the process's status to what it returns; 1 when it could not do what was asked. */
export async function runCommand(command: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = await command();
  } catch (error) {
    const message = messageOf(error);
    if (message === null) throw error;
    console.error(`edgeq: ${message}`);
    process.exitCode = 1;
  }
}

/** For a person; null: a bug, whose stack is wanted. */
function messageOf(error: unknown): string | null {
  if (error instanceof CommandError) return error.message;
  // A file that is not there, or may not be written: the system says it in a sentence, with the path.
  return error instanceof Error && "syscall" in error && "path" in error ? error.message : null;
}
