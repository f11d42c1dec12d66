// edgeq export and import: a queue as a file, and a file as a queue.

import type { Command } from "commander";
import { ProblemError, UnreachableError, type WireOperations, type WireTransferRecord } from "../../client/index.ts";
import { connect, requestJson, type GlobalOptions } from "../connection.ts";
import { EXIT } from "../exit-status.ts";
import { examined, ExportFile, recordBatches } from "../export-file.ts";
import { ProgressBar } from "../progress-bar.ts";
import { action, type Subcommand } from "../subcommand.ts";

type Page = WireOperations["exportQueue"]["answer"];
type Imported = WireOperations["importQueue"]["answer"];

/** How often a page is asked for while the server does not answer, and how long between. ms. */
const ATTEMPTS = 10;
const PAUSE_MS = 1_000;

export const exportCommand: Subcommand = (program: Command) =>
  program
    .command("export")
    .summary("write everything in a queue to a file")
    .description(
      "Writes a queue to a file of JSON lines, as it is when the export ends: its tasks in every state, documents, settings and " +
        "all that it remembers. The queue goes on living. An export that was cut off goes on if the same command is given again.",
    )
    .argument("<queue>")
    .argument("<file>")
    .addHelpText("after", "\nExamples:\n  $ edgeq export orders orders.jsonl")
    .action(
      action(async (terminal, connection, _options: object, name: string, path: string) => {
        const { ready, delayed, claimed, dead } = await connect(name, connection).stats();
        const bar = new ProgressBar(terminal, ready + delayed + claimed + dead);
        const file = new ExportFile(path);
        let reached = await file.reached(name);
        let page: Page;
        try {
          page = await pageAt(name, connection, reached?.cursor);
        } catch (error) {
          if (!(error instanceof ProblemError && error.code === "export-ended")) throw error;
          terminal.note("the export that was cut off has ended meanwhile; it begins again");
          reached = null;
          page = await pageAt(name, connection);
        }
        await file.begin(page.head, reached);
        let records = reached?.records ?? 0;
        for (let { cursor } = page; cursor !== null; { cursor } = page) {
          records += page.records.length;
          await file.add(page.records, { queue: name, cursor, records });
          bar.at(records, records);
          if (page.isLast) break;
          page = await pageAt(name, connection, cursor);
        }
        await file.end(records);
        bar.end();
        if (page.cursor !== null) await finish(name, connection, page.cursor);
        terminal.result({ queue: name, file: path, records }, () => `${name} exported to ${path}: ${shown(records)}`);
      }),
    );

interface ImportOptions {
  readonly replace?: boolean;
}

export const importCommand: Subcommand = (program: Command) =>
  program
    .command("import")
    .summary("make a queue what a file says")
    .description(
      "Makes a queue what was exported, all at once, when the whole file has been sent. Its tasks keep their ids; claims of " +
        "before settle nothing. An import that was cut off goes on if the same command is given again.",
    )
    .argument("<queue>", "need not be the one that was exported")
    .argument("<file>")
    .option("--replace", "also over a queue that holds tasks or documents: they are deleted")
    .addHelpText(
      "after",
      "\nExamples:\n  $ edgeq import orders orders.jsonl\n  $ edgeq import orders-copy orders.jsonl",
    )
    .action(
      action(async (terminal, connection, options: ImportOptions, name: string, path: string) => {
        const { head, records } = await examined(path);
        const bar = new ProgressBar(terminal, records);
        const send = (at: number, batch: readonly WireTransferRecord[], isLast: boolean): Promise<Imported> =>
          requestJson<Imported>(`/v1/queues/${name}/import`, connection, {
            method: "POST",
            body: { head, at, records: batch, isLast, replace: options.replace === true },
          });
        // What a run before this one has sent is there already.
        let { records: at } = await patiently(() => send(0, [], false));
        for await (const batch of recordBatches(path, at)) {
          const isLast = at + batch.length === records;
          // Whether the last has taken effect is not known without its answer: it is not sent again.
          await (isLast ? send(at, batch, true) : patiently(() => send(at, batch, false)));
          at += batch.length;
          bar.at(at, at);
        }
        bar.end();
        terminal.result({ queue: name, file: path, records }, () => `${path} imported to ${name}: ${shown(records)}`);
        return EXIT.ok;
      }),
    );

function pageAt(name: string, connection: GlobalOptions, cursor?: string): Promise<Page> {
  const body = cursor === undefined ? {} : { cursor };
  return patiently(() => requestJson<Page>(`/v1/queues/${name}/export`, connection, { method: "POST", body }));
}

/** The queue need note its changes no longer. If it does not hear of it, it finds out by itself after a while. */
async function finish(name: string, connection: GlobalOptions, cursor: string): Promise<void> {
  await pageAt(name, connection, cursor).catch(() => {});
}

/** While the server is away or has too much to do, the same is asked again. */
async function patiently<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await ask();
    } catch (error) {
      const mayPass = error instanceof UnreachableError || (error instanceof ProblemError && error.retryable);
      if (!mayPass || attempt === ATTEMPTS) throw error;
      await new Promise((resolve) => {
        setTimeout(resolve, PAUSE_MS);
      });
    }
  }
}

function shown(records: number): string {
  return `${records.toLocaleString("en")} records`;
}
