// `node scripts/release-notes.ts v0.2.0`: what the changelog says of a version, for the release's page.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CommandError } from "../src/serve/command-error.ts";
import { runCommand } from "../src/serve/run-command.ts";
import { notesOf } from "./release/changelog.ts";
import { PROJECT_DIR } from "./worker-config.ts";

await runCommand(() => {
  const version = (process.argv[2] ?? "").replace(/^v/, "");
  const notes = notesOf(readFileSync(join(PROJECT_DIR, "CHANGELOG.md"), "utf8"), version);
  if (notes === null) throw new CommandError(`CHANGELOG.md has no version ${JSON.stringify(version)}`);
  console.log(notes);
  return Promise.resolve(0);
});
