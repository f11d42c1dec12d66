// `--state DIR`: the folder in which a local server keeps its databases.

import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { CommandError } from "../src/serve/command-error.ts";
import { statePath } from "../src/serve/state-folder.ts";
import { PROJECT_DIR } from "./worker-config.ts";

/**
 * @param byDefault relative to the project
 * @throws {CommandError} when the command line has anything but the option
 */
export function stateDir(byDefault: string): string {
  try {
    const { values } = parseArgs({ options: { state: { type: "string" } } });
    return values.state === undefined ? resolve(PROJECT_DIR, byDefault) : statePath(values.state);
  } catch (error) {
    throw new CommandError(error instanceof Error ? error.message : String(error));
  }
}
