// edgeq settings: shows or changes the settings of a queue.

import type { WireSettings } from "../../client/index.ts";
import { connect } from "../connection.ts";
import { namedValues } from "../named-values.ts";
import { action, type Subcommand } from "../subcommand.ts";
import { table } from "../table.ts";

/** Settings with parts of their own. */
const PARTS = ["backoff", "keys", "limits", "budget"];

export const settingsCommand: Subcommand = (program) =>
  program
    .command("settings")
    .summary("show or change the settings of a queue")
    .description("Shows the settings of a queue; with name=value, changes them first, creating the queue if need be.")
    .argument("<queue>")
    .argument("[name=value...]", "durations may be 30s, 5m, 2h or 7d; null is none")
    .addHelpText(
      "after",
      `
Settings:
  claimTimeoutMs    how long a claim lasts; 30s, 0 to 12h
  maxAttempts       attempts before a task is dead; 5, 1 to 1,000, null: no limit
  backoff.minMs     wait after the first failure; 1s, 0 to 12h
  backoff.maxMs     longest wait; 1h, to 12h
  backoff.factor    how many times longer each further wait is; 2, 1 to 10
  backoff.jitter    share of a wait that is random; 0.2, 0 to 1
  deadLetterQueue   queue that dead tasks go to; null: they stay here
  retentionMs       how long unfinished tasks are kept; 14d, 1s to 366d, null: without end
  dedupeMs          how long a finished task's own id is known; 5m, 0 to 7d
  maxBacklog        tasks before more are refused; null: no limit
  maxInFlight       claimed tasks at one time; 120,000
  paused            true: nothing is offered
  keys.order        none, fifo or strict: one task of a key after another
  keys.concurrency  claimed tasks of one key at one time; null: any number
  keys.rate         attempts of one key, as {"limit":10,"periodMs":1000,"burst":1}; null: any number
  keys.fairness     robin: keys take turns; share: by how long they work; none: first come, first served
  rate              attempts of the whole queue, as keys.rate; null: any number
  limits.requestsPerSecond  requests of all callers together; null: any number
  limits.tasksPerSecond     tasks enqueued, or inserted by modify; null: any number
  limits.rowsPerSecond      rows written, whatever for; null: any number
  limits.parkedClaims       claims that wait at one time; null: 10,000
  limits.sockets            sockets open at one time; null: 32,768
  budget.rowsPerHour        rows written in an hour; null: any number
  budget.usdPerDay          dollars in a day (UTC), 0.01 to 1,000,000; null: any sum
  budget.onReach            warn, slow, stop-enqueue or stop, until the hour or day ends

Examples:
  $ edgeq settings orders
  $ edgeq settings orders claimTimeoutMs=2m maxAttempts=10 deadLetterQueue=orders-dead backoff.minMs=500ms
  $ edgeq settings orders deadLetterQueue=null`,
    )
    .action(
      action(async (terminal, connection, _options: object, name: string, changes: readonly string[]) => {
        const queue = connect(name, connection);
        const settings =
          changes.length > 0 ? await queue.configure(namedValues(changes, PARTS)) : await queue.settings();
        terminal.result(settings, () =>
          table(flat(settings).map(([key, value]) => [terminal.paint("dim", key), value])),
        );
      }),
    );

function flat(settings: WireSettings): [string, string][] {
  return Object.entries(settings).flatMap(([name, value]: [string, unknown]): [string, string][] => {
    if (!PARTS.includes(name)) return [[name, shown(value)]];
    return Object.entries(value ?? {}).map(([part, inner]) => [`${name}.${part}`, shown(inner)]);
  });
}

function shown(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
