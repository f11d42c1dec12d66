// edgeq top: all queues, live, those in trouble first.

import type { Command } from "commander";
import { requestJson, type GlobalOptions } from "../connection.ts";
import { shownDuration } from "../duration.ts";
import { lookAgain, LOOKS_ARE_SHOWN, type LookOptions } from "../look-again.ts";
import { action, type Subcommand } from "../subcommand.ts";
import { table } from "../table.ts";
import type { Terminal } from "../terminal.ts";
import { countsOf, everyPage, type Overviewed } from "./queues.ts";

export const topCommand: Subcommand = (program: Command) =>
  program
    .command("top")
    .summary("all queues, live")
    .description(
      "Shows all queues with what each last reported, those in trouble first, until it is interrupted. Wakes no queue.",
    )
    .option("-i, --interval <duration>", "how often, from 100ms", "2s")
    .option("-c, --count <n>", "end after so many looks")
    .addHelpText(
      "after",
      `
${LOOKS_ARE_SHOWN}

Examples:
  $ edgeq top
  $ edgeq top --json --interval 1m >> queues.log`,
    )
    .action(
      action(async (terminal, connection, options: LookOptions) => {
        await lookAgain(options, async () => {
          const { queues, isAll } = await gravest(terminal, connection);
          const at = Date.now();
          terminal.drawOver();
          const more = isAll ? "" : `\n${terminal.paint("dim", "There are more, in less trouble.")}`;
          terminal.result({ at, queues }, () => `${new Date(at).toISOString()}\n${shown(terminal, queues)}${more}`);
        });
      }),
    );

interface Gravest {
  readonly queues: readonly Overviewed[];
  readonly isAll: boolean;
}

/** As many as a person's screen has room for; a program is given all. */
async function gravest(terminal: Terminal, connection: GlobalOptions): Promise<Gravest> {
  if (terminal.isJson || !terminal.isWatched())
    return { queues: await everyPage<Overviewed>("/v1/overview", connection, "&order=trouble"), isAll: true };
  const room = Math.min(1_000, Math.max(1, terminal.rows - LINES_AROUND));
  const queues: Overviewed[] = [];
  let cursor: string | null = "";
  // A page may be short: of ten thousand names perhaps one is the token's.
  while (cursor !== null && queues.length < room) {
    const page: { readonly queues: readonly Overviewed[]; readonly cursor: string | null } = await requestJson(
      `/v1/overview?order=trouble&limit=${room - queues.length}${cursor}`,
      connection,
    );
    queues.push(...page.queues);
    cursor = page.cursor === null ? null : `&cursor=${encodeURIComponent(page.cursor)}`;
  }
  return { queues, isAll: cursor === null };
}

/** The time, the titles, the line that says that there are more, and the cursor's own. */
const LINES_AROUND = 4;

function shown(terminal: Terminal, queues: readonly Overviewed[]): string {
  if (queues.length === 0) return "There are no queues.";
  const titles = ["QUEUE", "READY", "DELAYED", "CLAIMED", "DEAD", "OLDEST", "IN/MIN", "OUT/MIN", "TROUBLE"];
  const rows = queues.map((queue) => [...countsOf(terminal, queue), ...ratesOf(terminal, queue)]);
  return table([titles.map((title) => terminal.paint("dim", title)), ...rows], [1, 2, 3, 4, 5, 6, 7]);
}

function ratesOf(terminal: Terminal, { report }: Overviewed): string[] {
  if (report === null) return ["", "", "", terminal.paint("dim", "not reported yet")];
  const { stats, inPerMinute, outPerMinute, trouble } = report;
  const oldest = stats?.oldestReadyAgeMs ?? null;
  const rates = [inPerMinute, outPerMinute].map((rate) => rate?.toLocaleString("en") ?? "?");
  return [oldest === null ? "" : shownDuration(oldest), ...rates, terminal.paint("red", trouble.join(", "))];
}
