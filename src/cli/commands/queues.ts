// edgeq queues and overview: which queues exist, and how each is doing by its own last report.

import type { WireOverviewed } from "../../protocol/wire-overview.ts";
import { requestJson, type GlobalOptions } from "../connection.ts";
import { shownDuration } from "../duration.ts";
import { itemsOfPages, pagePath } from "../pages.ts";
import { action, type Subcommand } from "../subcommand.ts";
import { table, titledTable } from "../table.ts";
import type { Terminal } from "../terminal.ts";

interface Listed {
  readonly name: string;
  readonly createdAt: number;
}

export const queuesCommand: Subcommand = (program) =>
  program
    .command("queues")
    .summary("list the queues that exist")
    .description("Lists the queues that exist, in the order of their names. Needs a token that allows admin.")
    .action(
      action(async (terminal, connection) => {
        const queues = await everyPage<Listed>("/v1/queues", connection);
        terminal.result({ queues }, () =>
          queues.length === 0
            ? "There are no queues."
            : table(
                queues.map(({ name, createdAt }) => [name, terminal.paint("dim", new Date(createdAt).toISOString())]),
              ),
        );
      }),
    );

export const overviewCommand: Subcommand = (program) =>
  program
    .command("overview")
    .summary("all queues with their counts")
    .description(
      "Shows the queues that the token may browse, with what each last reported, in the order of their names. Wakes no queue.",
    )
    .addHelpText(
      "after",
      `
Examples:
  $ edgeq overview
  $ edgeq overview --json | jq -r '.queues[] | select(.report.stats.dead > 0).name'`,
    )
    .action(
      action(async (terminal, connection) => {
        const queues = await everyPage<WireOverviewed>("/v1/overview", connection);
        terminal.result({ queues }, () => shownQueues(terminal, queues));
      }),
    );

function shownQueues(terminal: Terminal, queues: readonly WireOverviewed[]): string {
  if (queues.length === 0) return "There are no queues.";
  const titles = ["QUEUE", "READY", "DELAYED", "CLAIMED", "DEAD", "CONSUMERS", "REPORTED"];
  const rows = queues.map((queue) => rowOf(terminal, queue));
  return titledTable(terminal, titles, rows, [1, 2, 3, 4, 5, 6]);
}

function rowOf(terminal: Terminal, queue: WireOverviewed): string[] {
  const { name, report } = queue;
  if (report === null) return [name, "", "", "", "", "", terminal.paint("dim", "not yet")];
  return [...countsOf(terminal, queue), String(report.consumers), `${shownDuration(report.ageMs)} ago`];
}

/** Its name and its tasks by state. */
export function countsOf(terminal: Terminal, { name, report }: WireOverviewed): string[] {
  if (report === null) return [name, "", "", "", ""];
  const { stats, paused } = report;
  const counts = [stats?.ready, stats?.delayed, stats?.claimed].map((count) => count?.toLocaleString("en") ?? "?");
  const dead = stats?.dead.toLocaleString("en") ?? "?";
  return [
    paused ? `${name} ${terminal.paint("yellow", "paused")}` : terminal.paint("bold", name),
    ...counts,
    dead === "0" || dead === "?" ? dead : terminal.paint("red", dead),
  ];
}

/** All queues of a list that comes in pages. @param more parameters of the query */
export function everyPage<Item>(path: string, connection: GlobalOptions, more = ""): Promise<Item[]> {
  return itemsOfPages("queues", Infinity, (asked) =>
    requestJson<{ queues: Item[]; cursor: string | null }>(pagePath(path, asked, more), connection),
  );
}
