// edgeq work: a program does the tasks of a queue, one run a task.

import { hostname } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import type { Command } from "commander";
import type { ClaimedTask, Queue } from "../../client/index.ts";
import { consume, deadLetter, retryAfter, type Consumer } from "../../consumer/index.ts";
import { connect } from "../connection.ts";
import { parseCount, parseDuration, shownDuration } from "../duration.ts";
import { EXIT, UsageError } from "../exit-status.ts";
import { runOnTask, type ShellOutcome } from "../shell-task.ts";
import { action, type Subcommand } from "../subcommand.ts";
import type { Terminal } from "../terminal.ts";

interface WorkOptions {
  readonly concurrency: string;
  readonly claimTimeout: string;
  readonly taskTimeout: string;
  readonly stopTimeout: string;
  readonly lane?: readonly string[];
  readonly deadStatus: string;
  readonly retryStatus: string;
  readonly retryDelay: string;
  readonly untilEmpty?: boolean;
}

/** How often a worker that is to end with its queue looks whether it is empty. ms. */
const EMPTY_CHECK_MS = 500;

export const workCommand: Subcommand = (program: Command) =>
  program
    .command("work")
    .summary("run a command on each task")
    .description(
      "Claims tasks and runs a command on each: the payload on its stdin, its exit status decides what becomes of the task.",
    )
    .argument("<queue>")
    .argument("<command...>", "one text for the shell, or after -- a program and its arguments")
    .option("-c, --concurrency <n>", "commands at one time, to 1,000", "1")
    .option("--claim-timeout <duration>", "how long a task is held beyond this worker's death", "30s")
    .option("--task-timeout <duration>", "a command that runs longer is ended, and has failed", "10m")
    .option("--stop-timeout <duration>", "on SIGTERM or Ctrl-C, running commands may finish within this", "25s")
    .option("--lane <name...>", "lanes in order of preference; default main")
    .option("--dead-status <n>", "exit status that means: never again", "100")
    .option("--retry-status <n>", "exit status that means: not now, and no fault", "111")
    .option("--retry-delay <duration>", "how long after that", "1m")
    .option("--until-empty", "end when no task is ready or running")
    .addHelpText(
      "after",
      `
Exit status of the command:
  0      the task is done
  100    the task is dead: no further attempt
  111    the task is offered again after --retry-delay
  other  the attempt failed: again after the queue's backoff, with the end of the command's stderr as its error

In its environment: EDGEQ_QUEUE, EDGEQ_TASK_ID, EDGEQ_ATTEMPT, EDGEQ_LANE, EDGEQ_PRIORITY, EDGEQ_ENQUEUED_AT,
EDGEQ_CONTENT_TYPE, EDGEQ_HEADERS (JSON), EDGEQ_LAST_ERROR. The claim is extended while the command runs; it is ended by
SIGTERM the moment the claim is lost.

Examples:
  $ edgeq work mails 'jq -r .to | xargs -I{} sendmail {}'
  $ edgeq work images --concurrency 4 -- ./thumbnail.sh --width 320
  $ edgeq work orders ./order.py --until-empty`,
    )
    .action(
      action(async (terminal, connection, options: WorkOptions, name: string, command: readonly string[]) => {
        const rules = rulesOf(options);
        const queue = connect(name, connection);
        const handle = async (task: ClaimedTask, { signal }: { readonly signal: AbortSignal }): Promise<void> =>
          judge(await runOnTask(command, name, task, signal), rules);
        const consumer = consume(handle, {
          queue,
          concurrency: parseCount("--concurrency", options.concurrency, 1, 1_000),
          claimTimeoutMs: parseDuration("--claim-timeout", options.claimTimeout),
          handlerTimeoutMs: parseDuration("--task-timeout", options.taskTimeout),
          stopTimeoutMs: parseDuration("--stop-timeout", options.stopTimeout),
          claimant: `edgeq-work@${hostname()}:${process.pid}`.slice(0, 128),
          stopOn: ["SIGTERM", "SIGINT", "SIGHUP"],
          ...(options.lane === undefined ? {} : { lanes: options.lane }),
        });
        const counts = report(terminal, consumer, name);
        if (options.untilEmpty === true) void stopWhenEmpty(consumer, queue).catch(() => consumer.stop());
        await consumer.finished;
        terminal.result({ queue: name, ...counts }, () => {
          const { done, failed, released } = counts;
          return `${name}: ${done} done, ${failed} failed, ${released} given back`;
        });
        return EXIT.ok;
      }),
    );

interface Rules {
  readonly deadStatus: number;
  readonly retryStatus: number;
  readonly retryDelayMs: number;
}

function rulesOf({ deadStatus, retryStatus, retryDelay }: WorkOptions): Rules {
  const rules = {
    deadStatus: parseCount("--dead-status", deadStatus, 1, 255),
    retryStatus: parseCount("--retry-status", retryStatus, 1, 255),
    retryDelayMs: parseDuration("--retry-delay", retryDelay),
  };
  if (rules.deadStatus === rules.retryStatus) throw new UsageError("--dead-status and --retry-status are the same");
  return rules;
}

/** Returns if the task is done; else throws what the consumer makes its fate of. */
function judge({ status, signal, stderrTail }: ShellOutcome, { deadStatus, retryStatus, retryDelayMs }: Rules): void {
  if (status === 0) return;
  const ended = status === null ? `ended by ${signal ?? "a signal"}` : `exit status ${status}`;
  const error = stderrTail === "" ? ended : stderrTail;
  if (status === deadStatus) throw deadLetter(error);
  if (status === retryStatus) throw retryAfter(retryDelayMs, error);
  throw new Error(error);
}

interface Counts {
  done: number;
  failed: number;
  released: number;
}

function report(terminal: Terminal, consumer: Consumer, queue: string): Counts {
  const counts: Counts = { done: 0, failed: 0, released: 0 };
  const mark = (style: "green" | "red" | "yellow" | "dim", word: string, rest: string): void =>
    terminal.note(`${terminal.paint(style, word.padEnd(8), "err")} ${rest}`);
  mark("dim", "working", `on ${queue}; Ctrl-C to stop`);
  consumer.on("acked", ({ task, durationMs }) => {
    counts.done += 1;
    mark("green", "done", `${task.id} in ${shownDuration(durationMs)}`);
  });
  consumer.on("failed", ({ task, error, dead }) => {
    counts.failed += 1;
    const reason = error instanceof Error ? error.message : String(error);
    mark("red", dead ? "dead" : "failed", `${task.id} at attempt ${task.attempts}: ${reason.split("\n").at(-1) ?? ""}`);
  });
  consumer.on("released", ({ task }) => {
    counts.released += 1;
    mark("yellow", "released", task.id);
  });
  consumer.on("lost", ({ task }) => mark("yellow", "lost", `${task.id}: its claim is not held any more`));
  consumer.on("disconnected", ({ error, retryInMs }) =>
    mark(
      "red",
      "offline",
      `${error instanceof Error ? error.message : String(error)}; again in ${shownDuration(retryInMs)}`,
    ),
  );
  consumer.on("reconnected", ({ downMs }) => mark("green", "online", `after ${shownDuration(downMs)}`));
  consumer.on("circuit", ({ state, pauseMs }) => {
    if (state === "open") mark("yellow", "pausing", `for ${shownDuration(pauseMs)}: every task fails`);
  });
  consumer.on("stopping", ({ running }) => mark("dim", "stopping", `${running} running`));
  return counts;
}

async function stopWhenEmpty(consumer: Consumer, queue: Queue): Promise<void> {
  const ending = new AbortController();
  consumer.on("stopping", () => ending.abort());
  while (!ending.signal.aborted) {
    await sleep(EMPTY_CHECK_MS);
    if (consumer.running > 0) continue;
    const { ready, claimed } = await queue.stats();
    if (ready === 0 && claimed === 0) return consumer.stop();
  }
}
