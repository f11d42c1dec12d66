// edgeq stats and watch: how many tasks are in which state, once or again and again.

import { isProblem, type WireLaneStats, type WireQueue } from "../../client/index.ts";
import { connect, type GlobalOptions } from "../connection.ts";
import { shownDuration } from "../duration.ts";
import { lookAgain, LOOKS_ARE_SHOWN, type LookOptions } from "../look-again.ts";
import { action, type Subcommand } from "../subcommand.ts";
import { titledTable } from "../table.ts";
import type { Terminal } from "../terminal.ts";

export const statsCommand: Subcommand = (program) =>
  program
    .command("stats")
    .summary("count tasks by state and lane")
    .description("Shows how many tasks of a queue are ready, delayed, claimed and dead.")
    .argument("<queue>")
    .addHelpText(
      "after",
      `
Examples:
  $ edgeq stats orders
  $ test "$(edgeq stats orders --json | jq .dead)" = 0`,
    )
    .action(
      action(async (terminal, connection, _options: object, name: string) => {
        const queue = await connect(name, connection).info();
        terminal.result(queue.stats, () => shownStats(terminal, queue));
      }),
    );

function shownStats(terminal: Terminal, { name, stats, settings }: WireQueue): string {
  const lanes = Object.entries(stats.lanes);
  const rows = [countsRow(terminal.paint("bold", name), stats)];
  if (lanes.length > 1) {
    for (const [lane, counts] of lanes) rows.push(countsRow(`  ${lane}`, counts));
  }
  const text = titledTable(terminal, ["", "READY", "DELAYED", "CLAIMED", "DEAD"], rows, [1, 2, 3, 4]);
  const oldest =
    stats.oldestReadyAgeMs === null ? "none is ready" : `oldest ready ${shownDuration(stats.oldestReadyAgeMs)}`;
  const state = settings.paused ? `${terminal.paint("yellow", "paused")}, ` : "";
  return `${text}\n${state}${oldest}, ${(stats.bytes / 1_048_576).toFixed(1)} MiB`;
}

function countsRow(title: string, { ready, delayed, claimed, dead }: WireLaneStats): string[] {
  return [title, ...[ready, delayed, claimed, dead].map((count) => count.toLocaleString("en"))];
}

/** One queue at one moment; null: it does not exist. */
interface Sample {
  readonly at: number;
  readonly queue: WireQueue | null;
}

export const watchCommand: Subcommand = (program) =>
  program
    .command("watch")
    .summary("a live table of queues")
    .description("Shows the counts of queues, and how they change, until it is interrupted.")
    .argument("<queue...>")
    .option("-i, --interval <duration>", "how often, from 100ms", "1s")
    .option("-c, --count <n>", "end after so many looks")
    .addHelpText(
      "after",
      `
${LOOKS_ARE_SHOWN}

Examples:
  $ edgeq watch orders mails
  $ edgeq watch orders --json --interval 10s >> orders.log`,
    )
    .action(
      action(async (terminal, connection, options: LookOptions, names: readonly string[]) => {
        let before: readonly Sample[] | null = null;
        await lookAgain(options, async () => {
          const samples: readonly Sample[] = await Promise.all(names.map((name) => sampleOf(name, connection)));
          draw(terminal, names, samples, before);
          before = samples;
        });
      }),
    );

async function sampleOf(name: string, connection: GlobalOptions): Promise<Sample> {
  try {
    return { at: Date.now(), queue: await connect(name, connection).info() };
  } catch (error) {
    if (isProblem(error, "queue-not-found")) return { at: Date.now(), queue: null };
    throw error;
  }
}

function draw(
  terminal: Terminal,
  names: readonly string[],
  samples: readonly Sample[],
  before: readonly Sample[] | null,
): void {
  const at = samples[0]?.at ?? Date.now();
  terminal.drawOver();
  const queues = Object.fromEntries(names.map((name, index) => [name, samples[index]?.queue?.stats ?? null]));
  terminal.result({ at, queues }, () => {
    const titles = ["QUEUE", "READY", "DELAYED", "CLAIMED", "DEAD", "OLDEST", "CHANGE"];
    const rows = names.map((name, index) => rowOf(terminal, name, samples[index], before?.[index]));
    return `${new Date(at).toISOString()}\n${titledTable(terminal, titles, rows, [1, 2, 3, 4, 5, 6])}`;
  });
}

function rowOf(terminal: Terminal, name: string, now: Sample | undefined, before: Sample | undefined): string[] {
  const queue = now?.queue ?? null;
  if (now === undefined || queue === null) return [name, terminal.paint("dim", "does not exist")];
  const { ready, delayed, claimed, dead, oldestReadyAgeMs } = queue.stats;
  const title = queue.settings.paused ? `${name} ${terminal.paint("yellow", "paused")}` : terminal.paint("bold", name);
  return [
    title,
    ready.toLocaleString("en"),
    delayed.toLocaleString("en"),
    claimed.toLocaleString("en"),
    dead === 0 ? "0" : terminal.paint("red", dead.toLocaleString("en")),
    oldestReadyAgeMs === null ? "" : shownDuration(oldestReadyAgeMs),
    changeOf(now, before),
  ];
}

/** How fast the backlog grows or shrinks; nothing at the first look. */
function changeOf(now: Sample, before: Sample | undefined): string {
  if (before === undefined || now.queue === null || before.queue === null) return "";
  const rate = ((backlogOf(now.queue) - backlogOf(before.queue)) * 1_000) / Math.max(1, now.at - before.at);
  return `${rate > 0 ? "+" : ""}${Math.round(rate).toLocaleString("en")}/s`;
}

function backlogOf({ stats: { ready, delayed, claimed } }: WireQueue): number {
  return ready + delayed + claimed;
}
