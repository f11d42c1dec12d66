// edgeq modify: inserts, changes, deletes and depends on tasks and documents in one step.

import { connect } from "../connection.ts";
import { UsageError } from "../exit-status.ts";
import { jsonInput } from "../input.ts";
import { action, type Subcommand } from "../subcommand.ts";

export const modifyCommand: Subcommand = (program) =>
  program
    .command("modify")
    .summary("insert, change and delete in one step, or not at all")
    .description("Inserts, changes, deletes and depends on tasks and documents, all of it or nothing.")
    .argument("<queue>")
    .argument("[changes]", "JSON with insert, change, delete, depend and claimant; absent: from stdin")
    .addHelpText(
      "after",
      `
Exit status 1 when it was refused: the error names what failed and how.

Examples:
  $ edgeq modify orders '{"delete": [{"id": "a", "version": 1}], "insert": [{"payload": 2, "queue": "mails"}]}'
  $ edgeq modify orders < changes.json`,
    )
    .action(
      action(async (terminal, connection, _options: object, name: string, changes?: string) => {
        const given = await jsonInput(changes, "changes");
        if (typeof given !== "object" || given === null || Array.isArray(given)) {
          throw new UsageError('changes: allowed: an object such as {"insert": [{"payload": 1}]}');
        }
        const done = await connect(name, connection).modify(given);
        terminal.result(done, () => `${done.inserted.length} inserted, ${done.changed.length} changed`);
      }),
    );
