// edgeq top: all queues, live, those in trouble first.

import type { WireOverviewed } from "../../protocol/wire-overview.ts";
import { requestJson, type GlobalOptions } from "../connection.ts";
import { shownDuration } from "../duration.ts";
import { errorDocument } from "../exit-status.ts";
import { intervalOf, lookAgain, type LookOptions } from "../look-again.ts";
import { itemsOfPages, pagePath } from "../pages.ts";
import { Screen } from "../screen.ts";
import { action, type Subcommand } from "../subcommand.ts";
import { table, widthOf } from "../table.ts";
import type { Terminal } from "../terminal.ts";
import { countsOf, everyPage } from "./queues.ts";

export const topCommand: Subcommand = (program) =>
  program
    .command("top")
    .summary("all queues, live")
    .description(
      "Shows all queues with what each last reported, those in trouble first, until it is interrupted. Wakes no queue.",
    )
    .option("-i, --interval <duration>", "how often, from 100ms", "2s")
    .option("-c, --count <n>", "end after so many looks")
    .addHelpText(
      "after",
      `
On a terminal it takes the whole screen: q ends it, any other key looks at once. Else, and with --count, each look is printed
below the last, and with --json on a line.

Examples:
  $ edgeq top
  $ edgeq top --json --interval 1m >> queues.log`,
    )
    .action(
      action(async (terminal, connection, options: LookOptions) => {
        if (!terminal.isJson && terminal.isWatched() && options.count === undefined)
          return lookOnScreen(terminal, connection, intervalOf(options));
        await lookAgain(options, async () => {
          const queues = await everyPage<WireOverviewed>("/v1/overview", connection, "&order=trouble");
          const at = Date.now();
          terminal.result({ at, queues }, () => `${shownInstant(at)}\n${shown(terminal, queues)}`);
        });
        return undefined;
      }),
    );

interface Gravest {
  readonly at: number;
  readonly queues: readonly WireOverviewed[];
  readonly isAll: boolean;
}

/** A server that answers later than this is shown as not answering. ms. */
const PATIENCE_MS = 10_000;

/** @throws what the first look throws; later ones are made again, and what is known stays to be seen. */
async function lookOnScreen(terminal: Terminal, connection: GlobalOptions, intervalMs: number): Promise<number> {
  let found = await gravest(terminal, connection);
  let failure: string | null = null;
  const screen = new Screen(terminal);
  return screen.during(async () => {
    for (;;) {
      screen.draw(screenText(terminal, found, failure));
      const wake = await screen.wait(intervalMs);
      if (wake.kind === "end") return wake.status;
      try {
        const signal = AbortSignal.any([screen.leaving, AbortSignal.timeout(PATIENCE_MS)]);
        found = await gravest(terminal, connection, signal);
        failure = null;
      } catch (error) {
        failure = errorDocument(error).error.message;
      }
    }
  });
}

/** The time, the titles, and the line that says that there are more. */
const LINES_AROUND = 3;

/** As many as the screen has room for. */
async function gravest(terminal: Terminal, connection: GlobalOptions, signal?: AbortSignal): Promise<Gravest> {
  const room = Math.min(1_000, Math.max(1, terminal.rows - LINES_AROUND));
  let isAll = false;
  // A page may be short: of ten thousand names perhaps one is the token's.
  const queues = await itemsOfPages("queues", room, async (asked) => {
    const path = pagePath("/v1/overview", asked, "&order=trouble");
    const page = await requestJson<{ queues: WireOverviewed[]; cursor: string | null }>(path, connection, { signal });
    isAll = page.cursor === null;
    return page;
  });
  return { at: Date.now(), queues, isAll };
}

function screenText(terminal: Terminal, { at, queues, isAll }: Gravest, failure: string | null): string {
  const room = Math.max(1, terminal.rows - LINES_AROUND);
  const state = failure === null ? terminal.paint("dim", "q ends") : terminal.paint("red", `since then: ${failure}`);
  const more = isAll && queues.length <= room ? "" : `\n${terminal.paint("dim", "There are more, in less trouble.")}`;
  return `${shownInstant(at)}  ${state}\n${shown(terminal, queues.slice(0, room), terminal.columns)}${more}`;
}

function shownInstant(at: number): string {
  return new Date(at).toISOString();
}

interface Column {
  readonly title: string;
  /** Where there is no room for all, those with the highest go first. 0: never. */
  readonly spare: number;
}

const COLUMNS: readonly Column[] = [
  { title: "QUEUE", spare: 0 },
  { title: "READY", spare: 0 },
  { title: "DELAYED", spare: 6 },
  { title: "CLAIMED", spare: 3 },
  { title: "DEAD", spare: 1 },
  { title: "OLDEST", spare: 2 },
  { title: "IN/MIN", spare: 5 },
  { title: "OUT/MIN", spare: 4 },
  { title: "TROUBLE", spare: 0 },
];

/** @param room characters of a line; what does not fit is left to whoever cuts it */
function shown(terminal: Terminal, queues: readonly WireOverviewed[], room = Number.POSITIVE_INFINITY): string {
  if (queues.length === 0) return "There are no queues.";
  const titles = COLUMNS.map(({ title }) => terminal.paint("dim", title));
  const rows = [titles, ...queues.map((queue) => [...countsOf(terminal, queue), ...ratesOf(terminal, queue)])];
  for (let spare = 6; ; spare -= 1) {
    const kept = COLUMNS.map((column, at) => ({ ...column, at })).filter((column) => column.spare <= spare);
    const text = table(
      rows.map((row) => kept.map(({ at }) => row[at] ?? "")),
      kept.slice(1, -1).map((_, at) => at + 1),
    );
    if (spare === 0 || text.split("\n").every((line) => widthOf(line) <= room)) return text;
  }
}

function ratesOf(terminal: Terminal, { report }: WireOverviewed): string[] {
  if (report === null) return ["", "", "", terminal.paint("dim", "not reported yet")];
  const { stats, inPerMinute, outPerMinute, trouble } = report;
  const oldest = stats?.oldestReadyAgeMs ?? null;
  const rates = [inPerMinute, outPerMinute].map((rate) => rate?.toLocaleString("en") ?? "?");
  return [oldest === null ? "" : shownDuration(oldest), ...rates, terminal.paint("red", trouble.join(", "))];
}
