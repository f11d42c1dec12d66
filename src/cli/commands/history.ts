// edgeq history and consumers: what has happened to a queue's tasks, and who works on them.

import { connect } from "../connection.ts";
import { parseCount, parseDuration, shownDuration } from "../duration.ts";
import { shownLine } from "../payload.ts";
import { action, type Subcommand } from "../subcommand.ts";
import { titledTable } from "../table.ts";

/** Columns of the table. Deaths are `moved` in a queue that has a dead-letter queue. */
const SHOWN = ["enqueued", "acked", "failed", "expired", "died", "moved"] as const;

export const historyCommand: Subcommand = (program) =>
  program
    .command("history")
    .summary("what has happened to tasks, step by step")
    .description("Shows what happened to the tasks of a queue, and how long they waited and ran.")
    .argument("<queue>")
    .option("--since <duration>", "how far back, to 7d", "1h")
    .option("--step <duration>", "10s, or whole minutes to 1d", "1m")
    .addHelpText(
      "after",
      `
Examples:
  $ edgeq history orders
  $ edgeq history orders --since 7d --step 1h`,
    )
    .action(
      action(async (terminal, connection, options: { since: string; step: string }, name: string) => {
        const stepMs = parseDuration("--step", options.step);
        const from = Math.max(0, Date.now() - parseDuration("--since", options.since));
        const history = await connect(name, connection).history({ from, stepMs });
        terminal.result(history, () => {
          if (history.points.length === 0) return "Nothing has happened.";
          const titles = ["AT", ...SHOWN.map((event) => event.toUpperCase()), "WAIT P95", "RUN P95", "BACKLOG"];
          return titledTable(
            terminal,
            titles,
            history.points.map(({ at, events, waitMs, runMs, backlog }) => [
              new Date(at).toISOString(),
              ...SHOWN.map((event) => events[event].toLocaleString("en")),
              waitMs === null ? "" : shownDuration(waitMs.p95),
              runMs === null ? "" : shownDuration(runMs.p95),
              backlog === null ? "?" : backlog.toLocaleString("en"),
            ]),
            [1, 2, 3, 4, 5, 6, 7, 8, 9],
          );
        });
      }),
    );

const CONSUMER_COUNTS = ["claims", "waiting", "acked", "ackedPerMinute", "failed", "failedPerMinute"] as const;
const CONSUMER_TITLES = ["CLAIMANT", "CLAIMS", "WAITING", "ACKED", "/MIN", "FAILED", "/MIN", "SEEN"] as const;

export const consumersCommand: Subcommand = (program) =>
  program
    .command("consumers")
    .summary("who works on a queue")
    .description("Shows who holds claims of a queue, who waits for tasks, and who has done either lately.")
    .argument("<queue>")
    .option("-n, --limit <n>", "how many at most", "100")
    .action(
      action(async (terminal, connection, options: { limit: string }, name: string) => {
        const limit = parseCount("--limit", options.limit, 1, 1_000_000);
        const found = await connect(name, connection).consumers({ limit });
        terminal.result(found, () => {
          if (found.consumers.length === 0) return "Nobody works on it.";
          const now = Date.now();
          return titledTable(
            terminal,
            CONSUMER_TITLES,
            found.consumers.map(({ claimant, lastSeenAt, ...counts }) => [
              claimant === null ? terminal.paint("dim", "no name") : shownLine(claimant, 40),
              ...CONSUMER_COUNTS.map((of) => counts[of].toLocaleString("en")),
              `${shownDuration(Math.max(0, now - lastSeenAt))} ago`,
            ]),
            [1, 2, 3, 4, 5, 6, 7],
          );
        });
      }),
    );
