// edgeq work: a program does the tasks of a queue, one run a task.

import { hostname } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { isRetryable, type ClaimedTask, type Queue } from "../../client/index.ts";
import { consume, deadLetter, snooze, type Consumer } from "../../consumer/index.ts";
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
  readonly snoozeStatus: string;
  readonly snoozeDelay: string;
  readonly untilEmpty?: boolean;
}

/** How often a worker that is to end with its queue looks whether it is empty. ms. */
const EMPTY_CHECK_MS = 500;
/** 366 days, as the server's. */
const LONGEST_DELAY_MS = 366 * 86_400_000;

export const workCommand: Subcommand = (program) =>
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
    .option("--snooze-status <n>", "exit status that means: not now, and no fault of the task", "111")
    .option("--snooze-delay <duration>", "how long after that it is offered again", "1m")
    .option("--until-empty", "end when no task is ready or running, with status 1 if one failed")
    .addHelpText(
      "after",
      `
Exit status of the command:
  0      the task is done
  100    the task is dead: no further attempt
  111    the task is offered again after --snooze-delay, and this attempt does not count
  other  the attempt failed: again after the queue's backoff, with the end of the command's stderr as its error

In its environment: EDGEQ_QUEUE, EDGEQ_TASK_ID, EDGEQ_ATTEMPT, EDGEQ_LANE, EDGEQ_KEY, EDGEQ_PRIORITY, EDGEQ_ENQUEUED_AT,
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
        const { counts, unfinished } = report(terminal, consumer, name);
        const emptied = options.untilEmpty === true ? stopWhenEmpty(consumer, queue, options.lane) : Promise.resolve();
        await Promise.all([consumer.finished, emptied]);
        terminal.result({ queue: name, ...counts }, () => {
          const { done, failed, snoozed, released } = counts;
          const later = snoozed === 0 ? "" : `, ${snoozed} snoozed`;
          return `${name}: ${done} done, ${failed} failed${later}, ${released} given back`;
        });
        return options.untilEmpty === true && unfinished.size > 0 ? EXIT.failed : EXIT.ok;
      }),
    );

interface Rules {
  readonly deadStatus: number;
  readonly snoozeStatus: number;
  readonly snoozeDelayMs: number;
}

function rulesOf({ deadStatus, snoozeStatus, snoozeDelay }: WorkOptions): Rules {
  const rules = {
    deadStatus: parseCount("--dead-status", deadStatus, 1, 255),
    snoozeStatus: parseCount("--snooze-status", snoozeStatus, 1, 255),
    snoozeDelayMs: parseDuration("--snooze-delay", snoozeDelay),
  };
  if (rules.deadStatus === rules.snoozeStatus) throw new UsageError("--dead-status and --snooze-status are the same");
  if (rules.snoozeDelayMs > LONGEST_DELAY_MS)
    throw new UsageError(`--snooze-delay: given ${JSON.stringify(snoozeDelay)}, allowed: at most 366d`);
  return rules;
}

/** Returns if the task is done; else throws what the consumer makes its fate of. */
function judge({ status, signal, stderrTail }: ShellOutcome, { deadStatus, snoozeStatus, snoozeDelayMs }: Rules): void {
  if (status === 0) return;
  const ended = status === null ? `ended by ${signal ?? "a signal"}` : `exit status ${status}`;
  const error = stderrTail === "" ? ended : stderrTail;
  if (status === deadStatus) throw deadLetter(error);
  if (status === snoozeStatus) throw snooze(snoozeDelayMs);
  throw new Error(error);
}

interface Counts {
  done: number;
  failed: number;
  snoozed: number;
  released: number;
}

/** @returns also the tasks that failed here and were not done since */
function report(terminal: Terminal, consumer: Consumer, queue: string): { counts: Counts; unfinished: Set<string> } {
  const counts: Counts = { done: 0, failed: 0, snoozed: 0, released: 0 };
  const unfinished = new Set<string>();
  const mark = (style: "green" | "red" | "yellow" | "dim", word: string, rest: string): void =>
    terminal.note(`${terminal.paint(style, word.padEnd(8), "err")} ${rest}`);
  mark("dim", "working", `on ${queue}; Ctrl-C to stop`);
  consumer.on("acked", ({ task, durationMs }) => {
    counts.done += 1;
    unfinished.delete(task.id);
    mark("green", "done", `${task.id} in ${shownDuration(durationMs)}`);
  });
  consumer.on("failed", ({ task, error, dead }) => {
    counts.failed += 1;
    unfinished.add(task.id);
    const reason = error instanceof Error ? error.message : String(error);
    mark("red", dead ? "dead" : "failed", `${task.id} at attempt ${task.attempts}: ${reason.split("\n").at(-1) ?? ""}`);
  });
  consumer.on("snoozed", ({ task, delayMs }) => {
    counts.snoozed += 1;
    mark("yellow", "snoozed", `${task.id} for ${shownDuration(delayMs)}`);
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
  consumer.on("refused", ({ error, retryInMs }) =>
    mark("yellow", "waiting", `${error.message}; again in ${shownDuration(retryInMs)}`),
  );
  consumer.on("reconnected", ({ downMs }) => mark("green", "online", `after ${shownDuration(downMs)}`));
  consumer.on("circuit", ({ state, pauseMs }) => {
    if (state === "open") mark("yellow", "pausing", `for ${shownDuration(pauseMs)}: every task fails`);
  });
  consumer.on("stopping", ({ running }) => mark("dim", "stopping", `${running} running`));
  return { counts, unfinished };
}

/** Rejects, and ends the worker, when the queue cannot be looked at: without its counts nobody knows that it is empty. */
async function stopWhenEmpty(consumer: Consumer, queue: Queue, lanes: readonly string[] = ["main"]): Promise<void> {
  const ending = new AbortController();
  consumer.on("stopping", () => ending.abort());
  try {
    while (!ending.signal.aborted) {
      await sleep(EMPTY_CHECK_MS);
      if (consumer.running === 0 && (await isEmpty(queue, lanes))) return;
    }
  } finally {
    void consumer.stop();
  }
}

async function isEmpty(queue: Queue, lanes: readonly string[]): Promise<boolean> {
  try {
    const { lanes: counts } = await queue.stats();
    return lanes.every((lane) => (counts[lane]?.ready ?? 0) + (counts[lane]?.claimed ?? 0) === 0);
  } catch (error) {
    if (isRetryable(error)) return false;
    throw error;
  }
}
