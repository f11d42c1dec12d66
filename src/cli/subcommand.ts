// The frame of every subcommand: what it is made from, and what it is given when it runs.

import type { Command } from "commander";
import type { GlobalOptions } from "./connection.ts";
import { explained } from "./other-server.ts";
import { Terminal } from "./terminal.ts";

/** Adds itself to the program. */
export type Subcommand = (program: Command) => Command;

/**
 * Runs a subcommand's work with where to speak, which server is meant, its own options and its arguments in order. What it
 * answers with, if it does, is the exit status.
 */
export function action(
  run: (
    terminal: Terminal,
    connection: GlobalOptions,
    options: never,
    ...given: never[]
  ) => Promise<number | undefined | void>,
): (this: Command, ...given: unknown[]) => Promise<void> {
  return async function (this: Command, ...given: unknown[]) {
    const connection = this.optsWithGlobals<GlobalOptions>();
    // After the arguments come the options and the command itself.
    const args = given.slice(0, -2) as never[];
    const terminal = new Terminal(connection.json === true);
    const status = await run(terminal, connection, this.opts<never>(), ...args).catch(async (error: unknown) => {
      throw await explained(error, connection, versionOf(this));
    });
    if (typeof status === "number") process.exitCode = status;
  };
}

function versionOf(command: Command): string {
  return command.parent === null ? (command.version() ?? "") : versionOf(command.parent);
}
