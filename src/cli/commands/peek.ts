// edgeq peek: looks at tasks without claiming them.

import type { BrowsedTask, Queue, WireTaskState } from "../../client/index.ts";
import { connect } from "../connection.ts";
import { noteDeadLetters } from "../dead-letters.ts";
import { parseCount } from "../duration.ts";
import { EXIT, UsageError } from "../exit-status.ts";
import { itemsOfPages } from "../pages.ts";
import { jsonTask } from "../payload.ts";
import { action, type Subcommand } from "../subcommand.ts";
import { shownTasks, TASK_STATES } from "../task-lines.ts";

interface PeekOptions {
  readonly state?: string;
  readonly lane?: string;
  readonly limit: string;
}

export const peekCommand: Subcommand = (program) =>
  program
    .command("peek")
    .summary("look at tasks without claiming them")
    .description("Shows tasks of a queue, or the ones with the ids that are given.")
    .argument("<queue>")
    .argument("[id...]")
    .option("-s, --state <state>", "only ready, delayed, claimed or dead ones")
    .option("--lane <name>", "only those of a lane")
    .option("-n, --limit <n>", "how many at most", "20")
    .addHelpText(
      "after",
      `
Exit status 5 when an id is not there.

Examples:
  $ edgeq peek orders
  $ edgeq peek orders --state dead --json | jq -r '.tasks[].error'`,
    )
    .action(
      action(async (terminal, connection, options: PeekOptions, name: string, ids: readonly string[]) => {
        const queue = connect(name, connection);
        const tasks = ids.length > 0 ? await found(queue, ids) : await listed(queue, options);
        terminal.result({ tasks: tasks.map((task) => jsonTask(task)) }, () => shownTasks(terminal, tasks));
        if (tasks.length === 0 && options.state === "dead") await noteDeadLetters(terminal, queue, "edgeq peek");
        const missing = ids.filter((id) => !tasks.some((task) => task.id === id));
        if (missing.length === 0) return EXIT.ok;
        terminal.note(`not there: ${missing.join(", ")}`);
        return EXIT.nothing;
      }),
    );

async function found(queue: Queue, ids: readonly string[]): Promise<BrowsedTask[]> {
  const tasks = await Promise.all(ids.map((id) => queue.get(id)));
  return tasks.filter((task) => task !== null);
}

async function listed(queue: Queue, { state, lane, limit }: PeekOptions): Promise<BrowsedTask[]> {
  const most = parseCount("--limit", limit, 1, 1_000_000);
  if (state !== undefined && !isState(state)) {
    throw new UsageError(`--state: given ${JSON.stringify(state)}, allowed: ${Object.keys(TASK_STATES).join(", ")}`);
  }
  const which = { ...(state === undefined ? {} : { state }), ...(lane === undefined ? {} : { lane }) };
  return itemsOfPages("tasks", most, (asked) => queue.browse({ ...which, ...asked }));
}

function isState(text: string): text is WireTaskState {
  return Object.hasOwn(TASK_STATES, text);
}
