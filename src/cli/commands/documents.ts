// edgeq documents: the small values that are kept beside the tasks of a queue.

import { connect } from "../connection.ts";
import { parseCount } from "../duration.ts";
import { EXIT } from "../exit-status.ts";
import { jsonInput } from "../input.ts";
import { itemsOfPages } from "../pages.ts";
import { shownPayload } from "../payload.ts";
import { action, type Subcommand } from "../subcommand.ts";
import { titledTable } from "../table.ts";

interface VersionOptions {
  readonly ifVersion?: string;
}

export const documentsCommand: Subcommand = (program) => {
  const documents = program
    .command("documents")
    .summary("read and write the documents of a queue")
    .description("Documents are small JSON values that a queue keeps beside its tasks.")
    .addHelpText(
      "after",
      `
Examples:
  $ edgeq documents list orders --prefix customer.
  $ edgeq documents put orders customer.7 '{"name": "Ada"}' --if-version 0
  $ edgeq documents get orders customer.7`,
    );
  documents
    .command("list")
    .description("Lists documents in the order of their keys.")
    .argument("<queue>")
    .option("--prefix <text>", "only those whose keys begin with it")
    .option("-n, --limit <n>", "how many at most", "100")
    .action(
      action(async (terminal, connection, options: { prefix?: string; limit: string }, name: string) => {
        const most = parseCount("--limit", options.limit, 1, 1_000_000);
        const { documents: stored } = connect(name, connection);
        const prefix = options.prefix === undefined ? {} : { prefix: options.prefix };
        const found = await itemsOfPages("documents", most, (asked) => stored.list({ ...prefix, ...asked }));
        terminal.result({ documents: found }, () =>
          found.length === 0
            ? "No documents."
            : titledTable(
                terminal,
                ["KEY", "VERSION", "VALUE"],
                found.map(({ key, version, value }) => [key, String(version), shownValue(value)]),
              ),
        );
      }),
    );
  documents
    .command("get")
    .description("Prints the value of a document. Exit status 5 when there is none.")
    .argument("<queue>")
    .argument("<key>")
    .action(
      action(async (terminal, connection, _options: object, name: string, key: string) => {
        const document = await connect(name, connection).documents.get(key);
        terminal.result(document, () => (document === null ? `No document ${key}.` : JSON.stringify(document.value)));
        return document === null ? EXIT.nothing : EXIT.ok;
      }),
    );
  documents
    .command("put")
    .description("Writes a document.")
    .argument("<queue>")
    .argument("<key>")
    .argument("[value]", "JSON; absent: from stdin")
    .option("--if-version <n>", "only if it is at this version; 0: only if there is none")
    .action(
      action(async (terminal, connection, options: VersionOptions, name: string, key: string, value?: string) => {
        const given = await jsonInput(value, "value");
        const document = await connect(name, connection).documents.put(key, given, versionIn(options));
        terminal.result(document, () => `${document.key} is at version ${document.version}`);
      }),
    );
  documents
    .command("delete")
    .description("Deletes a document. Exit status 5 when there is none.")
    .argument("<queue>")
    .argument("<key>")
    .option("--if-version <n>", "only if it is at this version")
    .action(
      action(async (terminal, connection, options: VersionOptions, name: string, key: string) => {
        await connect(name, connection).documents.delete(key, versionIn(options));
        terminal.result({ key }, () => `${key} is deleted`);
      }),
    );
  return documents;
};

function versionIn({ ifVersion }: VersionOptions): { version?: number } {
  if (ifVersion === undefined) return {};
  return { version: parseCount("--if-version", ifVersion, 0, Number.MAX_SAFE_INTEGER) };
}

function shownValue(value: unknown): string {
  return shownPayload({ payload: value, contentType: null }, 60);
}
