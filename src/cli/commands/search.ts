// edgeq search: finds tasks by what is said of them.

import type { Command } from "commander";
import type { BrowsedTask } from "../../client/index.ts";
import { connect } from "../connection.ts";
import { parseCount } from "../duration.ts";
import { jsonTask } from "../payload.ts";
import { action, type Subcommand } from "../subcommand.ts";
import { shownTasks } from "../task-lines.ts";

interface SearchOptions {
  readonly limit: string;
}

export const searchCommand: Subcommand = (program: Command) =>
  program
    .command("search")
    .summary("find tasks")
    .description("Shows the tasks that match all terms of a query.")
    .argument("<queue>")
    .argument("[query...]", "terms such as state:dead error:timeout payload.customer.id:42 -lane:mail")
    .option("-n, --limit <n>", "how many at most", "20")
    .addHelpText(
      "after",
      `
Qualifiers: state: lane: key: id: origin: error: attempts: priority: claimant: header.NAME: payload.a.b:
Text without one is looked for in ids, errors and payloads. A minus excludes, * stands for any characters, quotes hold spaces.
A query that begins with a minus comes after --.

Examples:
  $ edgeq search orders 'state:dead error:timeout'
  $ edgeq search orders 'payload.customer.id:42 attempts:>2' --json`,
    )
    .action(
      action(async (terminal, connection, options: SearchOptions, name: string, words: readonly string[]) => {
        const most = parseCount("--limit", options.limit, 1, 1_000_000);
        const queue = connect(name, connection);
        const query = words.length === 0 ? {} : { query: words.join(" ") };
        const tasks: BrowsedTask[] = [];
        let lookedAt = 0;
        let cursor: string | null = null;
        do {
          const limit = Math.min(1_000, most - tasks.length);
          const page: Awaited<ReturnType<typeof queue.search>> = await queue.search({
            ...query,
            limit,
            ...(cursor === null ? {} : { cursor }),
          });
          tasks.push(...page.tasks);
          lookedAt += page.lookedAt;
          ({ cursor } = page);
        } while (cursor !== null && tasks.length < most);
        terminal.result({ tasks: tasks.map((task) => jsonTask(task)), lookedAt, isWhole: cursor === null }, () =>
          shownTasks(terminal, tasks),
        );
        if (cursor !== null) terminal.note(`looked at ${lookedAt.toLocaleString("en")}; there is more: raise --limit`);
      }),
    );
