// edgeq top: all queues, live, those in trouble first.

import type { Command } from "commander";
import { lookAgain, LOOKS_ARE_SHOWN, type LookOptions } from "../look-again.ts";
import { action, type Subcommand } from "../subcommand.ts";
import { everyPage, shownQueues, type Overviewed } from "./queues.ts";

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
          const queues = await everyPage<Overviewed>("/v1/overview", connection, "&order=trouble");
          const at = Date.now();
          terminal.drawOver();
          terminal.result({ at, queues }, () => `${new Date(at).toISOString()}\n${shownQueues(terminal, queues)}`);
        });
      }),
    );
