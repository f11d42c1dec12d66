// edgeq claim, ack and nack: tasks taken by hand, and what became of them.

import { hostname } from "node:os";
import type { WireExtendResult, WireItemResult } from "../../client/index.ts";
import { connect } from "../connection.ts";
import { parseCount, parseDuration } from "../duration.ts";
import { EXIT, UsageError } from "../exit-status.ts";
import { jsonTask, rawPayload, shownPayload } from "../payload.ts";
import { action, type Subcommand } from "../subcommand.ts";
import { titledTable } from "../table.ts";
import type { Terminal } from "../terminal.ts";

interface ClaimCommandOptions {
  readonly max: string;
  readonly wait?: string;
  readonly timeout?: string;
  readonly lane?: readonly string[];
  readonly ack?: boolean;
  readonly raw?: boolean;
}

export const claimCommand: Subcommand = (program) =>
  program
    .command("claim")
    .summary("take ready tasks")
    .description("Takes ready tasks until a deadline, and prints them with the claims that ack and nack need.")
    .argument("<queue>")
    .option("-n, --max <n>", "how many at most, to 1,000", "1")
    .option("-w, --wait <duration>", "wait for a task, to 20s")
    .option("-t, --timeout <duration>", "how long the claim lasts; default the queue's")
    .option("--lane <name...>", "lanes in order of preference; default main")
    .option("--ack", "ack what was printed: take tasks off the queue for good")
    .option("--raw", "print the payloads alone, as they are")
    .addHelpText(
      "after",
      `
Exit status 5 when there is no task.

Examples:
  $ edgeq claim orders --wait 20s
  $ edgeq claim orders --json --max 100 --ack > orders.json
  $ edgeq claim images --raw --ack > photo.jpg`,
    )
    .action(
      action(async (terminal, connection, options: ClaimCommandOptions, name: string) => {
        const queue = connect(name, connection);
        const tasks = await queue.claim({
          max: parseCount("--max", options.max, 1, 1_000),
          claimant: `edgeq-cli@${hostname()}`.slice(0, 128),
          ...(options.wait === undefined ? {} : { waitMs: parseDuration("--wait", options.wait) }),
          ...(options.timeout === undefined ? {} : { claimTimeoutMs: parseDuration("--timeout", options.timeout) }),
          ...(options.lane === undefined ? {} : { lanes: options.lane }),
        });
        if (options.raw === true) {
          for (const task of tasks) process.stdout.write(rawPayload(task));
        } else {
          terminal.result({ tasks: tasks.map((task) => jsonTask(task)) }, () =>
            tasks.length === 0
              ? `No task is ready in ${name}.`
              : titledTable(
                  terminal,
                  ["ID", "ATTEMPT", "CLAIM", "PAYLOAD"],
                  tasks.map((task) => [task.id, String(task.attempts), task.claim, shownPayload(task, 60)]),
                ),
          );
        }
        if (options.ack === true && tasks.length > 0) {
          const lost = (await queue.ackBatch(tasks)).filter(({ ok }) => !ok).length;
          if (lost > 0)
            throw new Error(`${lost} of ${tasks.length} tasks were printed but not acked: their claims ended`);
        }
        return tasks.length === 0 ? EXIT.nothing : EXIT.ok;
      }),
    );

export const ackCommand: Subcommand = (program) =>
  program
    .command("ack")
    .summary("end claims: their tasks are done")
    .description("Ends claims with success. Exit status 1 if one of them was not held any more.")
    .argument("<queue>")
    .argument("<claim...>", "claims, as edgeq claim printed them")
    .action(
      action(async (terminal, connection, _options: object, name: string, claims: readonly string[]) =>
        reported(terminal, await connect(name, connection).ackBatch(claims)),
      ),
    );

export const extendCommand: Subcommand = (program) =>
  program
    .command("extend")
    .summary("keep claims longer")
    .description("Keeps claims for a time from now. Exit status 1 if one of them was not held any more.")
    .argument("<queue>")
    .argument("<claim...>", "claims, as edgeq claim printed them")
    .requiredOption("-t, --timeout <duration>", "how long they last from now, to 12h")
    .addHelpText("after", "\nExamples:\n  $ edgeq extend orders 3k7.f2x.01-1 --timeout 10m")
    .action(
      action(async (terminal, connection, options: { timeout: string }, name: string, claims: readonly string[]) => {
        const timeoutMs = parseDuration("--timeout", options.timeout);
        return reported(terminal, await connect(name, connection).extendBatch(claims, timeoutMs));
      }),
    );

interface NackCommandOptions {
  readonly delay?: string;
  readonly error?: string;
  readonly dead?: boolean;
  readonly release?: boolean;
  readonly snooze?: string;
  readonly limitKey?: string;
}

export const nackCommand: Subcommand = (program) =>
  program
    .command("nack")
    .summary("end claims: their tasks are tried again, or dead")
    .description("Ends claims without success. Exit status 1 if one of them was not held any more.")
    .argument("<queue>")
    .argument("<claim...>", "claims, as edgeq claim printed them")
    .option("--delay <duration>", "offered again after this long; default the queue's backoff")
    .option("--error <text>", "why, kept with the task")
    .option("--dead", "no further attempt")
    .option("--release", "given back as if never claimed: no attempt is counted")
    .option("--snooze <duration>", "given back until then, no attempt counted")
    .option("--limit-key <duration>", "all tasks of its key rest until then, no attempt counted")
    .action(
      action(async (terminal, connection, options: NackCommandOptions, name: string, claims: readonly string[]) => {
        const { delay, error, dead, release, snooze, limitKey } = options;
        const ways = [delay, dead, release, snooze, limitKey].filter((way) => way !== undefined);
        if (ways.length > 1)
          throw new UsageError("--delay, --dead, --release, --snooze and --limit-key: one of them at most");
        if ((snooze ?? limitKey) !== undefined && error !== undefined) {
          const given = snooze === undefined ? "--limit-key" : "--snooze";
          throw new UsageError(`--error: not with ${given}, which is no failure`);
        }
        const how = {
          ...(delay === undefined ? {} : { delayMs: parseDuration("--delay", delay) }),
          ...(error === undefined ? {} : { error }),
          ...(dead === true ? { dead } : {}),
          ...(release === true ? { release } : {}),
          ...(snooze === undefined ? {} : { snooze: true, delayMs: parseDuration("--snooze", snooze) }),
          ...(limitKey === undefined ? {} : { limitKey: true, delayMs: parseDuration("--limit-key", limitKey) }),
        };
        const results = await connect(name, connection).nackBatch(claims.map((claim) => ({ ...how, claim })));
        return reported(terminal, results);
      }),
    );

function reported(terminal: Terminal, results: readonly (WireItemResult | WireExtendResult)[]): number {
  terminal.result({ results }, () =>
    results.map((result) => `${result.claim} ${result.ok ? "ok" : terminal.paint("red", result.code)}`).join("\n"),
  );
  return results.every(({ ok }) => ok) ? EXIT.ok : EXIT.failed;
}
