// edgeq events: what happens to the tasks of queues, as it happens, a line of JSON each.

import { parseCount } from "../duration.ts";
import { UsageError } from "../exit-status.ts";
import { FactSocket, type FactListener } from "../fact-socket.ts";
import { action, type Subcommand } from "../subcommand.ts";
import type { Terminal } from "../terminal.ts";

interface EventsOptions {
  readonly lane?: readonly string[];
  readonly kind?: readonly string[];
  readonly count?: string;
}

export const eventsCommand: Subcommand = (program) =>
  program
    .command("events")
    .summary("what happens to tasks, as it happens")
    .description(
      "Prints what happens to the tasks of queues from now on, a line of JSON each, until it is interrupted.",
    )
    .argument("<queue...>")
    .option("--lane <name...>", "only in these lanes")
    .option("--kind <kind...>", "only these: enqueued, claimed, acked, failed, expired, snoozed, released, died, ...")
    .option("-c, --count <n>", "end after so many")
    .addHelpText(
      "after",
      `
A line says queue, at (ms since 1970), kind, id, lane and, where there is one, key, attempt, tookMs and error; never a payload. Kinds:
enqueued, received, claimed, acked, failed, expired, snoozed, released, died, moved, redriven, changed, cancelled, removed, purged, deleted.
{"missed": n} stands for n that came faster than they were read, {"gap": {from, to}} for a time without a connection, which is made again.

Examples:
  $ edgeq events orders
  $ edgeq events orders mails --kind failed expired died >> failures.jsonl
  $ edgeq events orders --lane urgent | jq -r 'select(.attempt > 2).id'`,
    )
    .action(
      action(async (terminal, connection, { lane, kind, count }: EventsOptions, names: readonly string[]) => {
        if (typeof WebSocket !== "function") throw new UsageError("edgeq events needs Node 22 or later");
        const most = count === undefined ? Infinity : parseCount("--count", count, 1, 1_000_000_000);
        const filter = {
          ...(lane === undefined ? {} : { lanes: lane }),
          ...(kind === undefined ? {} : { kinds: kind }),
        };
        const ended = new AbortController();
        let shown = 0;
        const sockets = names.map((queue) => {
          const lines = linesOf(terminal, queue);
          const fact = (one: object): void => {
            if (shown >= most) return;
            shown += 1;
            lines.fact(one);
            if (shown >= most) ended.abort();
          };
          return new FactSocket({ queue, connection, filter, listener: { ...lines, fact }, signal: ended.signal });
        });
        // The first that the server refuses ends all.
        await Promise.all(sockets.map((socket) => socket.listen())).finally(() => ended.abort());
      }),
    );

function linesOf(terminal: Terminal, queue: string): FactListener {
  const line = (value: object): void => terminal.write(`${JSON.stringify({ queue, ...value })}\n`);
  return {
    fact: line,
    missed: (missed) => line({ missed }),
    opened: () => terminal.note(`${queue}: listening`),
    lost: () => terminal.note(`${queue}: the connection is lost, and is made again`),
    gap: (from, to) => line({ gap: { from, to } }),
  };
}
