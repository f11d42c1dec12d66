// edgeq search: finds tasks by a query, counts them, and does one thing to all of them.

import { everyAnswer } from "../../client/every-answer.ts";
import type { BrowsedTask, Queue, WireApply } from "../../client/index.ts";
import { confirm } from "../confirm.ts";
import { connect } from "../connection.ts";
import { parseCount, parseDuration } from "../duration.ts";
import { EXIT, UsageError } from "../exit-status.ts";
import { jsonTask } from "../payload.ts";
import { action, type Subcommand } from "../subcommand.ts";
import { shownTasks } from "../task-lines.ts";
import type { Terminal } from "../terminal.ts";

interface SearchOptions {
  readonly limit?: string;
  readonly count?: boolean;
  readonly apply?: string;
  readonly delay?: string;
  readonly force?: boolean;
  readonly yes?: boolean;
}

const ACTIONS: Readonly<Record<WireApply["action"], string>> = {
  retry: "retried",
  snooze: "snoozed",
  cancel: "cancelled",
  release: "released",
  redrive: "redriven",
};

export const searchCommand: Subcommand = (program) =>
  program
    .command("search")
    .summary("find tasks, and act on all that match")
    .description("Shows the tasks that match all terms of a query; counts them; or does one thing to all of them.")
    .argument("<queue>")
    .argument("[query...]", "terms such as state:dead error:timeout payload.customer.id:42 -lane:mail")
    .option("-n, --limit <n>", "how many are shown at most; default 20")
    .option("--count", "only how many match; with --apply nothing is done")
    .option("--apply <action>", `${Object.keys(ACTIONS).join(", ")}: all that match, after a count`)
    .option("--delay <duration>", "with --apply snooze: how long")
    .option("--force", "with --apply cancel: claimed tasks too")
    .option("-y, --yes", "with --apply: do not ask")
    .addHelpText(
      "after",
      `
Qualifiers: state: lane: key: id: origin: error: attempts: priority: claimant: header.NAME: payload.a.b:
Text without one is looked for in ids, errors and payloads. A minus excludes, * stands for any characters, quotes hold spaces.
A query that begins with a minus comes after --.

Examples:
  $ edgeq search orders 'state:dead error:timeout'
  $ edgeq search orders 'payload.customer.id:42 attempts:>2' --json
  $ edgeq search orders 'state:dead error:timeout' --apply redrive`,
    )
    .action(
      action(async (terminal, connection, options: SearchOptions, name: string, words: readonly string[]) => {
        const queue = connect(name, connection);
        const query = words.join(" ");
        if (options.limit !== undefined && (options.apply !== undefined || options.count === true))
          throw new UsageError("--limit: not with --apply or --count, which are about all that match");
        if (options.apply !== undefined) return applyToAll(terminal, queue, query, options);
        if (options.count === true) return showCount(terminal, queue, query);
        return show(terminal, queue, query, parseCount("--limit", options.limit ?? "20", 1, 1_000_000));
      }),
    );

async function show(terminal: Terminal, queue: Queue, query: string, most: number): Promise<number> {
  const tasks: BrowsedTask[] = [];
  const { lookedAt, isWhole } = await scan(queue, query, most, (found) => tasks.push(...found));
  terminal.result({ tasks: tasks.map((task) => jsonTask(task)), lookedAt, isWhole }, () => shownTasks(terminal, tasks));
  if (!isWhole) terminal.note(`looked at ${lookedAt.toLocaleString("en")}; there is more: raise --limit`);
  return EXIT.ok;
}

async function showCount(terminal: Terminal, queue: Queue, query: string): Promise<number> {
  let tasks = 0;
  const { lookedAt } = await scan(queue, query, Infinity, (found) => {
    tasks += found.length;
  });
  terminal.result({ tasks, lookedAt }, () => `${tasks.toLocaleString("en")} of ${lookedAt.toLocaleString("en")} match`);
  return EXIT.ok;
}

/** Page after page, until there are enough or no more. */
async function scan(
  queue: Queue,
  query: string,
  most: number,
  onFound: (tasks: readonly BrowsedTask[]) => void,
): Promise<{ lookedAt: number; isWhole: boolean }> {
  const terms = query === "" ? {} : { query };
  let lookedAt = 0;
  let left = most;
  for await (const page of everyAnswer((from) => queue.search({ ...terms, limit: Math.min(1_000, left), ...from }))) {
    onFound(page.tasks);
    left -= page.tasks.length;
    lookedAt += page.lookedAt;
    if (left <= 0) return { lookedAt, isWhole: page.cursor === null };
  }
  return { lookedAt, isWhole: true };
}

async function applyToAll(terminal: Terminal, queue: Queue, query: string, options: SearchOptions): Promise<number> {
  const request = requestOf(query, options);
  const done = ACTIONS[request.action];
  /** Of the count: what is done is then done to the tasks that were counted, and to none that came while it was asked. */
  let counted: { asOf?: number } = {};
  if (options.yes !== true || options.count === true) {
    const { tasks, asOf } = await applied(queue, { ...request, dryRun: true });
    counted = { asOf };
    const all = `${tasks.toLocaleString("en")} tasks of ${queue.name}`;
    if (options.count === true) {
      terminal.result(
        { queue: queue.name, action: request.action, tasks, dryRun: true },
        () => `${all} would be ${done}`,
      );
      return EXIT.ok;
    }
    if (!(await confirm(`${all} will be ${done}. Go on?`))) {
      terminal.note("nothing was done");
      return EXIT.failed;
    }
  }
  const { tasks, left } = await applied(queue, { ...request, ...counted });
  terminal.result({ queue: queue.name, action: request.action, tasks, left }, () => {
    const others = left === 0 ? "" : `; ${left.toLocaleString("en")} were left, for which this is not`;
    return `${tasks.toLocaleString("en")} tasks of ${queue.name} ${done}${others}`;
  });
  return EXIT.ok;
}

function requestOf(query: string, { apply: name = "", delay, force }: SearchOptions): WireApply {
  if (!isAction(name)) {
    throw new UsageError(`--apply: given ${JSON.stringify(name)}, allowed: ${Object.keys(ACTIONS).join(", ")}`);
  }
  if (query === "") throw new UsageError('--apply needs a query; for all tasks "id:*"');
  return {
    query,
    action: name,
    ...(delay === undefined ? {} : { delayMs: parseDuration("--delay", delay) }),
    ...(force === true ? { force } : {}),
  };
}

/** All calls that it takes. `asOf`: of the first, which the cursor carries on. */
async function applied(queue: Queue, request: WireApply): Promise<{ tasks: number; left: number; asOf: number }> {
  let tasks = 0;
  let left = 0;
  let asOf: number | null = null;
  for await (const answer of everyAnswer((from) => queue.apply({ ...request, ...from }))) {
    tasks += answer.tasks;
    left += answer.left;
    asOf ??= answer.asOf;
  }
  return { tasks, left, asOf: asOf ?? 0 };
}

function isAction(name: string): name is WireApply["action"] {
  return Object.hasOwn(ACTIONS, name);
}
