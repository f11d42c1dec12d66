// edgeq keys: what holds back the tasks of each key, and what is set for one of them.

import type { Queue, WireKey, WireOperations } from "../../client/index.ts";
import { connect } from "../connection.ts";
import { parseCount, shownDuration } from "../duration.ts";
import { UsageError } from "../exit-status.ts";
import { namedValues } from "../named-values.ts";
import { itemsOfPages } from "../pages.ts";
import { shownLine } from "../payload.ts";
import { action, type Subcommand } from "../subcommand.ts";
import { table, titledTable } from "../table.ts";
import type { Terminal } from "../terminal.ts";

interface KeysOptions {
  /** true: whatever holds them back. */
  readonly limited?: string | true;
  readonly limit?: string;
  readonly unblock?: boolean;
  readonly reset?: boolean;
}

type Reason = NonNullable<WireOperations["listKeys"]["body"]["limited"]>;

export const keysCommand: Subcommand = (program) =>
  program
    .command("keys")
    .summary("look at keys, limit or unblock one")
    .description("Lists the keys of a queue and what holds each back; with a key, shows it, or sets something for it.")
    .argument("<queue>")
    .argument("[key]")
    .argument("[name=value...]", "concurrency, rate, weight or paused of this key; null is the queue's")
    .option("--limited [reason]", "only keys held back: by paused, blocked, order, concurrency, limitKey or rate")
    .option("-n, --limit <n>", "how many at most; default 100")
    .option("--unblock", "dead tasks block the key no more, and a rest ends")
    .option("--reset", "what is set for the key is taken away")
    .addHelpText(
      "after",
      `
Examples:
  $ edgeq keys orders --limited
  $ edgeq keys orders tenant-42
  $ edgeq keys orders tenant-42 paused=true
  $ edgeq keys orders tenant-42 concurrency=5 weight=3 rate='{"limit": 100, "periodMs": 60000, "burst": 10}'
  $ edgeq keys orders tenant-42 --unblock`,
    )
    .action(
      action(
        async (
          terminal,
          connection,
          options: KeysOptions,
          name: string,
          key: string | undefined,
          given: readonly string[],
        ) => {
          const queue = connect(name, connection);
          if (key === undefined) await list(terminal, queue, options);
          else await show(terminal, queue, key, given, options);
        },
      ),
    );

async function list(terminal: Terminal, queue: Queue, options: KeysOptions): Promise<void> {
  if (options.unblock === true || options.reset === true)
    throw new UsageError("--unblock and --reset: give the key that is meant");
  const most = parseCount("--limit", options.limit ?? "100", 1, 1_000_000);
  const { limited } = options;
  const reason = limited === undefined ? {} : { limited: (limited === true ? "any" : limited) as Reason };
  const keys = await itemsOfPages("keys", most, (asked) => queue.keys.list({ ...reason, ...asked }));
  terminal.result({ keys }, () => {
    if (keys.length === 0) return limited === undefined ? "No keys." : "No keys that are held back.";
    return titledTable(
      terminal,
      ["KEY", "READY", "DELAYED", "CLAIMED", "HELD BACK", "SET"],
      keys.map((one) => [
        shownLine(one.key, 60),
        atLeast(one.ready, one),
        atLeast(one.delayed, one),
        String(one.claimed),
        terminal.paint("yellow", shownLimit(one)),
        shownOverride(one),
      ]),
      [1, 2, 3],
    );
  });
}

async function show(
  terminal: Terminal,
  queue: Queue,
  key: string,
  given: readonly string[],
  { limited, limit, unblock, reset }: KeysOptions,
): Promise<void> {
  if (limited !== undefined || limit !== undefined) throw new UsageError("--limited and --limit: not with a key");
  if ([given.length > 0, unblock === true, reset === true].filter(Boolean).length > 1)
    throw new UsageError("name=value, --unblock and --reset: one of them at most");
  const asked = (): Promise<WireKey> => {
    if (given.length > 0) return queue.keys.set(key, namedValues(given, []));
    if (unblock === true) return queue.keys.unblock(key);
    return reset === true ? queue.keys.reset(key) : queue.keys.get(key);
  };
  const found = await asked();
  terminal.result(found, () => {
    const rows: [string, string][] = [
      ["key", found.key],
      ["ready", atLeast(found.ready, found)],
      ["delayed", atLeast(found.delayed, found)],
      ["claimed", String(found.claimed)],
      ["held back", shownLimit(found) || "no"],
      ["blocked by", found.blockedBy.join(", ") || "nothing"],
      ["set", shownOverride(found) || "nothing"],
    ];
    return table(rows.map(([title, value]) => [terminal.paint("dim", title), value]));
  });
}

/** Of what was counted up to a bound. */
function atLeast(count: number, { hasMore }: WireKey): string {
  return `${count.toLocaleString("en")}${hasMore ? "+" : ""}`;
}

function shownLimit({ limited }: WireKey): string {
  if (limited === null) return "";
  const { by, until } = limited;
  return until === null ? by : `${by} for ${shownDuration(Math.max(0, until - Date.now()))}`;
}

function shownOverride({ override }: WireKey): string {
  const set = Object.entries(override).filter(([, value]: [string, unknown]) => value !== null && value !== false);
  return set.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(" ");
}
