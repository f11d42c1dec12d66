// edgeq pause, resume, purge, redrive, cancel and release: what is done to a queue, or to tasks, from outside.

import { everyAnswer } from "../../client/every-answer.ts";
import { ProblemError } from "../../client/index.ts";
import { confirm } from "../confirm.ts";
import { connect } from "../connection.ts";
import { noteDeadLetters } from "../dead-letters.ts";
import { parseCount } from "../duration.ts";
import { EXIT, exitStatusOf } from "../exit-status.ts";
import { action, type Subcommand } from "../subcommand.ts";
import type { Terminal } from "../terminal.ts";

export const pauseCommand: Subcommand = (program) =>
  program
    .command("pause")
    .summary("offer no tasks until resume")
    .description("Nothing is offered until the queue is resumed; sending and finishing go on.")
    .argument("<queue>")
    .action(
      action(async (terminal, connection, _options: object, name: string) => {
        await connect(name, connection).pause();
        terminal.result({ queue: name, paused: true }, () => `${name} is paused`);
      }),
    );

export const resumeCommand: Subcommand = (program) =>
  program
    .command("resume")
    .summary("offer tasks again")
    .description("Offers the tasks of a paused queue again.")
    .argument("<queue>")
    .action(
      action(async (terminal, connection, _options: object, name: string) => {
        await connect(name, connection).resume();
        terminal.result({ queue: name, paused: false }, () => `${name} is resumed`);
      }),
    );

export const purgeCommand: Subcommand = (program) =>
  program
    .command("purge")
    .summary("delete all tasks of a queue")
    .description("Deletes all tasks of a queue, claimed and dead ones too. Asks first.")
    .argument("<queue>")
    .option("-y, --yes", "do not ask")
    .action(
      action(async (terminal, connection, options: { readonly yes?: boolean }, name: string) => {
        const queue = connect(name, connection);
        if (options.yes !== true) {
          const { ready, delayed, claimed, dead } = await queue.stats();
          const all = (ready + delayed + claimed + dead).toLocaleString("en");
          if (!(await confirm(`Delete all ${all} tasks of ${name} for good?`))) {
            terminal.note("nothing was deleted");
            return EXIT.failed;
          }
        }
        const tasks = await queue.purge();
        terminal.result({ queue: name, tasks }, () => `${tasks.toLocaleString("en")} tasks of ${name} deleted`);
        return EXIT.ok;
      }),
    );

export const deleteCommand: Subcommand = (program) =>
  program
    .command("delete")
    .summary("delete a queue with all that is in it")
    .description("Deletes a queue: its tasks, documents, settings and remembered ids. Asks first.")
    .argument("<queue>")
    .option("-y, --yes", "do not ask")
    .addHelpText("after", "\nExamples:\n  $ edgeq delete orders-test --yes")
    .action(
      action(async (terminal, connection, options: { readonly yes?: boolean }, name: string) => {
        if (options.yes !== true && !(await confirm(`Delete the queue ${name} and all that is in it for good?`))) {
          terminal.note("nothing was deleted");
          return EXIT.failed;
        }
        const tasks = await connect(name, connection).delete();
        terminal.result({ queue: name, tasks }, () => `${name} is deleted, with ${tasks.toLocaleString("en")} tasks`);
        return EXIT.ok;
      }),
    );

interface RedriveOptions {
  readonly limit?: string;
  readonly changedTo?: readonly string[];
}

/** As many as one request may offer again. */
const REDRIVE_BATCH = 1_000;

export const redriveCommand: Subcommand = (program) =>
  program
    .command("redrive")
    .summary("offer dead tasks again")
    .description("Offers dead tasks again, in the queue they came from: all of them, or the ones with the given ids.")
    .argument("<queue>", "the queue that they died in, or its dead-letter queue")
    .argument("[id...]")
    .option("-n, --limit <n>", "how many at most; default all")
    .option("--changed-to <queue...>", "also dead letters that were changed since they left these queues")
    .addHelpText(
      "after",
      `
Exit status 5 when an id is not that of a dead task.

Examples:
  $ edgeq redrive orders
  $ edgeq redrive orders-dead --limit 10`,
    )
    .action(
      action(async (terminal, connection, options: RedriveOptions, name: string, ids: readonly string[]) => {
        const queue = connect(name, connection);
        const most = options.limit === undefined ? Infinity : parseCount("--limit", options.limit, 1, 1_000_000_000);
        let tasks = 0;
        const notFound: string[] = [];
        const leftChanged = new Set<string>();
        const changedTo = options.changedTo === undefined ? {} : { changedTo: options.changedTo };
        const named = ids.slice(0, most);
        for (let at = 0; at === 0 || at < named.length; at += REDRIVE_BATCH) {
          const which = (): { ids: string[] } | { limit: number } =>
            ids.length > 0
              ? { ids: named.slice(at, at + REDRIVE_BATCH) }
              : { limit: Math.min(REDRIVE_BATCH, most - tasks) };
          for await (const answer of everyAnswer((from) => queue.redrive({ ...which(), ...changedTo, ...from }))) {
            tasks += answer.tasks;
            notFound.push(...answer.notFound);
            for (const origin of answer.leftChanged) leftChanged.add(origin);
            if (ids.length === 0 && tasks >= most) break;
          }
        }
        if (leftChanged.size > 0) {
          const names = [...leftChanged].join(", ");
          terminal.note(`changed dead letters were left: --changed-to sends them back to ${names}`);
        }
        terminal.result({ queue: name, tasks, notFound }, () => {
          const missing = notFound.length === 0 ? "" : `; not dead: ${notFound.join(", ")}`;
          return `${tasks.toLocaleString("en")} tasks of ${name} offered again${missing}`;
        });
        if (tasks === 0) await noteDeadLetters(terminal, queue, "edgeq redrive");
        return notFound.length === 0 ? EXIT.ok : EXIT.nothing;
      }),
    );

interface CancelOptions {
  readonly force?: boolean;
}

export const cancelCommand: Subcommand = (program) =>
  program
    .command("cancel")
    .summary("remove tasks")
    .description("Removes tasks by their ids. A task that is claimed is left alone, unless forced.")
    .argument("<queue>")
    .argument("<id...>")
    .option("--force", "also while they are claimed: their consumers cannot ack them any more")
    .action(
      action(async (terminal, connection, options: CancelOptions, name: string, ids: readonly string[]) => {
        const queue = connect(name, connection);
        const how = options.force === true ? { force: true } : {};
        return forEach(terminal, ids, "removed", (id) => queue.cancel(id, how));
      }),
    );

export const releaseCommand: Subcommand = (program) =>
  program
    .command("release")
    .summary("take claims away from their holders")
    .description("Offers claimed tasks again at once. The attempt is not counted, and the holder's claim is lost.")
    .argument("<queue>")
    .argument("<id...>")
    .addHelpText("after", "\nExit status 1 when a task is not claimed, 5 when it is not there.")
    .action(
      action(async (terminal, connection, _options: object, name: string, ids: readonly string[]) => {
        const queue = connect(name, connection);
        return forEach(terminal, ids, "released", (id) => queue.release(id));
      }),
    );

/** Does something to tasks one by one, and shows what became of each. @returns the exit status of the last that was refused */
async function forEach(
  terminal: Terminal,
  ids: readonly string[],
  done: string,
  act: (id: string) => Promise<unknown>,
): Promise<number> {
  const results: { id: string; ok: boolean; code?: string }[] = [];
  let status: number = EXIT.ok;
  for (const id of ids) {
    try {
      await act(id);
      results.push({ id, ok: true });
    } catch (error) {
      const isOfTask = error instanceof ProblemError && /^(task-not-found|version-conflict)$/.test(error.code);
      if (!isOfTask) throw error;
      results.push({ id, ok: false, code: error.code });
      status = exitStatusOf(error);
    }
  }
  terminal.result({ results }, () =>
    results.map(({ id, ok, code }) => `${id} ${ok ? done : terminal.paint("red", code ?? "")}`).join("\n"),
  );
  return status;
}
