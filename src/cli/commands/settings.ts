// edgeq settings and queues: shows or changes the settings of a queue, and lists queues.

import type { Command } from "commander";
import { ProblemError, type Problem, type WireSettings, type WireSettingsPatch } from "../../client/index.ts";
import { connect, request } from "../connection.ts";
import { UsageError } from "../exit-status.ts";
import { action, type Subcommand } from "../subcommand.ts";
import { table } from "../table.ts";

export const settingsCommand: Subcommand = (program: Command) =>
  program
    .command("settings")
    .summary("show or change the settings of a queue")
    .description("Shows the settings of a queue; with name=value, changes them first, creating the queue if need be.")
    .argument("<queue>")
    .argument("[name=value...]", "values are JSON, or text; backoff.minMs is a setting of backoff")
    .addHelpText(
      "after",
      `
Settings, with units, defaults and ranges: docs/http-api.md

Examples:
  $ edgeq settings orders
  $ edgeq settings orders maxAttempts=10 deadLetterQueue=orders-dead backoff.minMs=500
  $ edgeq settings orders deadLetterQueue=null`,
    )
    .action(
      action(async (terminal, connection, _options: object, name: string, changes: readonly string[]) => {
        const queue = connect(name, connection);
        const settings = changes.length > 0 ? await queue.configure(patchOf(changes)) : await queue.settings();
        terminal.result(settings, () =>
          table(flat(settings).map(([key, value]) => [terminal.paint("dim", key), value])),
        );
      }),
    );

/** Names and values are the server's to judge: it says what is wrong with which. */
function patchOf(changes: readonly string[]): WireSettingsPatch {
  const patch: Record<string, unknown> = {};
  const backoff: Record<string, unknown> = {};
  for (const change of changes) {
    const [, name = "", text = ""] = /^([A-Za-z.]+)=(.*)$/s.exec(change) ?? [];
    if (name === "") throw new UsageError(`given ${JSON.stringify(change)}, allowed: name=value`);
    if (name.startsWith("backoff.")) backoff[name.slice("backoff.".length)] = valueOf(text);
    else patch[name] = valueOf(text);
  }
  return Object.keys(backoff).length === 0 ? patch : { ...patch, backoff };
}

function valueOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

function flat(settings: WireSettings): [string, string][] {
  return Object.entries(settings).flatMap(([name, value]: [string, unknown]): [string, string][] => {
    if (typeof value !== "object" || value === null) return [[name, String(value)]];
    return Object.entries(value).map(([part, inner]) => [`${name}.${part}`, String(inner)]);
  });
}

interface Listed {
  readonly queues: readonly { readonly name: string; readonly createdAt: number }[];
  readonly cursor: string | null;
}

export const queuesCommand: Subcommand = (program: Command) =>
  program
    .command("queues")
    .summary("list the queues that exist")
    .description("Lists the queues that exist, in the order of their names. Needs a token that allows admin.")
    .action(
      action(async (terminal, connection) => {
        const queues: Listed["queues"][number][] = [];
        for (let cursor: string | null = ""; cursor !== null;) {
          const page: Listed = await listed(await request(`/v1/queues?limit=1000${cursor}`, connection));
          queues.push(...page.queues);
          cursor = page.cursor === null ? null : `&cursor=${encodeURIComponent(page.cursor)}`;
        }
        terminal.result({ queues }, () =>
          queues.length === 0
            ? "There are no queues."
            : table(
                queues.map(({ name, createdAt }) => [name, terminal.paint("dim", new Date(createdAt).toISOString())]),
              ),
        );
      }),
    );

async function listed(response: Response): Promise<Listed> {
  const document: unknown = await response.json();
  if (response.ok) return document as Listed;
  const problem = document as Problem;
  throw new ProblemError(problem.code, problem, null);
}
