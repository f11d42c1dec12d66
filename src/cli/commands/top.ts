// edgeq top: all queues, live, those in trouble first.

import { setTimeout as sleep } from "node:timers/promises";
import type { Command } from "commander";
import { parseCount, parseDuration } from "../duration.ts";
import { action, type Subcommand } from "../subcommand.ts";
import { everyPage, shownQueues, type Overviewed } from "./queues.ts";

interface TopOptions {
  readonly interval: string;
  readonly count?: string;
}

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
On a terminal the table is drawn over itself; else each look is printed below the last, and with --json on a line.

Examples:
  $ edgeq top
  $ edgeq top --json --interval 1m >> queues.log`,
    )
    .action(
      action(async (terminal, connection, options: TopOptions) => {
        const intervalMs = Math.max(100, parseDuration("--interval", options.interval));
        const looks = options.count === undefined ? Infinity : parseCount("--count", options.count, 1, 1_000_000_000);
        for (let look = 1; look <= looks; look += 1) {
          const queues = await everyPage<Overviewed>("/v1/overview", connection, "&order=trouble");
          const at = Date.now();
          terminal.drawOver();
          terminal.result({ at, queues }, () => `${new Date(at).toISOString()}\n${shownQueues(terminal, queues)}`);
          if (look < looks) await sleep(intervalMs);
        }
      }),
    );
