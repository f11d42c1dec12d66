// Where the workerd program is. It is 130 MB and only those who run a server need it, so edgeq asks for it as an optional
// peer: users of the client never download it.

import { createRequire } from "node:module";
import { join } from "node:path";
import { CommandError } from "./command-error.ts";

/**
 * The program of the `workerd` package beside edgeq, or else of the project in the working directory.
 *
 * @throws {CommandError} when there is none, or none for this machine, with what installs it
 */
export function workerdPath(): string {
  for (const from of [import.meta.url, join(process.cwd(), "package.json")]) {
    try {
      const { default: path } = createRequire(from)("workerd") as { readonly default: string };
      return path;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "MODULE_NOT_FOUND") continue;
      // It explains in twenty lines that its program was left out, or is that of another system.
      const machine = `${process.platform} on ${process.arch}`;
      throw new CommandError(
        `workerd has no program for this machine (${machine}): remove node_modules, and run npm install here`,
      );
    }
  }
  throw new CommandError("workerd, which runs the server, is not installed: npm install --save-dev workerd");
}
