// edgeq outbox: what is on its way from a queue to others, and what did not get there.

import { connect } from "../connection.ts";
import { parseCount, shownDuration } from "../duration.ts";
import { itemsOfPages } from "../pages.ts";
import { shownLine } from "../payload.ts";
import { action, type Subcommand } from "../subcommand.ts";
import { titledTable } from "../table.ts";

export const outboxCommand: Subcommand = (program) => {
  const outbox = program
    .command("outbox")
    .summary("messages to other queues that have not arrived")
    .description("Dead letters, redriven tasks and inserts into other queues, as long as they have not arrived.")
    .addHelpText(
      "after",
      `
Examples:
  $ edgeq outbox list orders
  $ edgeq outbox retry orders --to orders-dead`,
    );
  outbox
    .command("list")
    .description("Shows what has not arrived, and why.")
    .argument("<queue>")
    .option("-n, --limit <n>", "how many at most", "100")
    .action(
      action(async (terminal, connection, options: { limit: string }, name: string) => {
        const most = parseCount("--limit", options.limit, 1, 1_000_000);
        const queue = connect(name, connection);
        const messages = await itemsOfPages("messages", most, (asked) => queue.outbox(asked));
        terminal.result({ messages }, () => {
          if (messages.length === 0) return "Everything has arrived.";
          const now = Date.now();
          return titledTable(
            terminal,
            ["TO", "KIND", "ID", "SINCE", "STATE", "REFUSALS", "ERROR"],
            messages.map(({ queue: to, kind, id, createdAt, state, refusals, error }) => [
              to,
              kind,
              id ?? "",
              shownDuration(Math.max(0, now - createdAt)),
              terminal.paint(state === "parked" ? "red" : "yellow", state),
              String(refusals),
              shownLine(error ?? "", 60),
            ]),
          );
        });
      }),
    );
  outbox
    .command("retry")
    .description("Sends again what was refused too often and is parked.")
    .argument("<queue>")
    .option("--to <queue>", "only what goes there")
    .option("-n, --limit <n>", "how many at most; default all")
    .action(
      action(async (terminal, connection, options: { to?: string; limit?: string }, name: string) => {
        let left = options.limit === undefined ? Infinity : parseCount("--limit", options.limit, 1, 1_000_000_000);
        const queue = connect(name, connection);
        let messages = 0;
        for (let more = true; more && left > 0;) {
          const answer = await queue.retryOutbox({
            limit: Math.min(1_000, left),
            ...(options.to === undefined ? {} : { queue: options.to }),
          });
          messages += answer.messages;
          left -= answer.messages;
          ({ more } = answer);
        }
        terminal.result(
          { queue: name, messages },
          () => `${messages.toLocaleString("en")} messages of ${name} go again`,
        );
      }),
    );
  return outbox;
};
