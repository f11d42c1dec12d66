// edgeq export and import: a queue as a file, and a file as a queue.

import { Caller, MAX_TIMEOUT_MS } from "../../client/caller.ts";
import { systemClock } from "../../client/clock.ts";
import { HttpTransport, ProblemError, type WireOperations, type WireTransferRecord } from "../../client/index.ts";
import { retryPolicy } from "../../client/retry-policy.ts";
import { connect, type GlobalOptions } from "../connection.ts";
import { EXIT } from "../exit-status.ts";
import { examined, ExportFile, recordBatches } from "../export-file.ts";
import { ProgressBar } from "../progress-bar.ts";
import { action, type Subcommand } from "../subcommand.ts";

type Page = WireOperations["exportQueue"]["answer"];

/** A server that is away for some ten seconds, such as for a restart, does not end a transfer. */
const RETRY = retryPolicy({ attempts: 10, minMs: 1_000 });

export const exportCommand: Subcommand = (program) =>
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
        const caller = callerOf(name, connection);
        let reached = await file.reached(name);
        let page: Page;
        try {
          page = await pageAt(caller, reached?.cursor);
        } catch (error) {
          if (!(error instanceof ProblemError && error.code === "export-ended")) throw error;
          terminal.note("the export that was cut off has ended meanwhile; it begins again");
          reached = null;
          page = await pageAt(caller);
        }
        await file.begin(page.head, reached);
        let records = reached?.records ?? 0;
        for (let { cursor } = page; cursor !== null; { cursor } = page) {
          records += page.records.length;
          await file.add(page.records, { queue: name, cursor, records });
          bar.at(records, records);
          if (page.isLast) break;
          page = await pageAt(caller, cursor);
        }
        await file.end(records);
        bar.end();
        if (page.cursor !== null) await finish(caller, page.cursor);
        terminal.result({ queue: name, file: path, records }, () => `${name} exported to ${path}: ${shown(records)}`);
      }),
    );

interface ImportOptions {
  readonly replace?: boolean;
}

export const importCommand: Subcommand = (program) =>
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
        const caller = callerOf(name, connection);
        const send = (at: number, batch: readonly WireTransferRecord[], isLast: boolean) =>
          caller.ask("importQueue", { head, at, records: batch, isLast, replace: options.replace === true });
        // What a run before this one has sent is there already.
        let { records: at } = await send(0, [], false);
        for await (const batch of recordBatches(path, at)) {
          await send(at, batch, at + batch.length === records);
          at += batch.length;
          bar.at(at, at);
        }
        bar.end();
        terminal.result({ queue: name, file: path, records }, () => `${path} imported to ${name}: ${shown(records)}`);
        return EXIT.ok;
      }),
    );

/** The client's own way to call, for two operations that are no methods of a queue: it knows what of them may be sent again. */
function callerOf(queue: string, { url, token }: GlobalOptions): Caller {
  const transport = new HttpTransport({ url, ...(token !== undefined && { token }) });
  // The last part of an import is answered when all of it is in place.
  return new Caller({ queue, transport, retry: RETRY, timeoutMs: MAX_TIMEOUT_MS, clock: systemClock });
}

function pageAt(caller: Caller, cursor?: string): Promise<Page> {
  return caller.ask("exportQueue", cursor === undefined ? {} : { cursor });
}

/** The queue need note its changes no longer. If it does not hear of it, it finds out by itself after a while. */
async function finish(caller: Caller, cursor: string): Promise<void> {
  await caller.ask("exportQueue", { cursor, retry: false }).catch(() => {});
}

function shown(records: number): string {
  return `${records.toLocaleString("en")} records`;
}
