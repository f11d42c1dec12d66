#!/usr/bin/env node
// `edgeq`: the command line. Errors end here, as one line for a person or one JSON document for a program.

import { readFileSync } from "node:fs";
import { CommanderError } from "commander";
import { errorDocument, EXIT, exitStatusOf, UsageError } from "./exit-status.ts";
import { edgeqProgram } from "./program.ts";

/** Two folders above dist/package/cli, or above src/cli. */
function version(): string {
  for (const path of ["../../../package.json", "../../package.json"]) {
    try {
      const found = JSON.parse(readFileSync(new URL(path, import.meta.url), "utf8")) as Record<string, unknown>;
      if (found["name"] === "edgeq") return String(found["version"]);
    } catch {
      // Not here.
    }
  }
  return "unknown";
}

const argv = process.argv.slice(2);
const isJson = argv.includes("--json");

function tell(error: unknown): void {
  const { code, message } = errorDocument(error).error;
  process.stderr.write(isJson ? `${JSON.stringify(errorDocument(error))}\n` : `edgeq: ${message} [${code}]\n`);
}

// The reader has closed the pipe, as `head` does.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  process.exit(error.code === "EPIPE" ? EXIT.ok : EXIT.failed);
});

try {
  await edgeqProgram(version()).parseAsync(argv, { from: "user" });
} catch (error) {
  if (!(error instanceof CommanderError)) {
    tell(error);
    process.exitCode = exitStatusOf(error);
  } else if (error.code === "commander.help") {
    // No command was named, and the help has been printed.
    process.exitCode = EXIT.usage;
  } else if (error.exitCode !== 0) {
    const message = error.message.replace(/^error: /, "").replaceAll("\n", " ");
    tell(new UsageError(message));
    process.exitCode = EXIT.usage;
  }
}
