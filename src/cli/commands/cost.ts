// edgeq cost: what a queue has cost, and what the month will come to.

import type { WireCost, WireCostSpan } from "../../protocol/wire-cost.ts";
import { connect } from "../connection.ts";
import { shownDuration } from "../duration.ts";
import { action, type Subcommand } from "../subcommand.ts";
import { titledTable } from "../table.ts";
import type { Terminal } from "../terminal.ts";

const SPANS = ["hour", "day", "month"] as const;

export const costCommand: Subcommand = (program) =>
  program
    .command("cost")
    .summary("what a queue has cost, and a forecast")
    .description("Shows what a queue has cost in this hour, day and month (UTC), and what used it up this month.")
    .argument("<queue>")
    .addHelpText(
      "after",
      `
Examples:
  $ edgeq cost orders
  $ edgeq cost orders --json | jq .forecast.likeToday`,
    )
    .action(
      action(async (terminal, connection, _options: object, name: string) => {
        const cost = await connect(name, connection).cost();
        terminal.result(cost, () => shownCost(terminal, cost));
      }),
    );

function shownCost(terminal: Terminal, cost: WireCost): string {
  const spans = titledTable(
    terminal,
    ["", "ROWS WRITTEN", "ROWS READ", "REQUESTS", "MESSAGES", "AWAKE", "COST"],
    SPANS.map((span) => spanRow(`this ${span}`, cost[span])),
    [1, 2, 3, 4, 5, 6],
  );
  const parts = titledTable(
    terminal,
    ["THIS MONTH", "CALLS", "ROWS WRITTEN", "ROWS READ", "REQUESTS", "COST"],
    cost.month.parts.map(({ name, calls, rowsWritten, rowsRead, requests, usd }) => [
      name,
      ...[calls, rowsWritten, rowsRead, requests].map(number),
      dollars(usd),
    ]),
    [1, 2, 3, 4, 5],
  );
  const { likeThisMonth, likeToday } = cost.forecast;
  return `${spans}

${parts}

The month will cost ${dollars(likeThisMonth)} if it goes on as it has, ${dollars(likeToday)} if it goes on like today.
Prices of ${cost.prices.date}, without what a plan includes: ${cost.prices.source}`;
}

function spanRow(title: string, { rowsWritten, rowsRead, requests, messages, awakeMs, usd }: WireCostSpan): string[] {
  return [title, ...[rowsWritten, rowsRead, requests, messages].map(number), shownDuration(awakeMs), dollars(usd)];
}

function number(count: number): string {
  return count.toLocaleString("en");
}

/** Small sums with the digits that say something. */
function dollars(usd: number): string {
  return usd > 0 && usd < 0.01 ? `$${usd.toPrecision(2)}` : `$${usd.toFixed(2)}`;
}
