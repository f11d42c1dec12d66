// edgeq send: tasks from arguments, from stdin, or from a file of JSON lines.

import { buffer } from "node:stream/consumers";
import type { NewTask, TaskOptions, WireEnqueuedTask } from "../../client/index.ts";
import { connect } from "../connection.ts";
import { parseCount, parseDuration } from "../duration.ts";
import { UsageError } from "../exit-status.ts";
import { payloadOf } from "../payload.ts";
import type { FileOptions } from "../send-file.ts";
import type { Terminal } from "../terminal.ts";
import { action, type Subcommand } from "../subcommand.ts";
import { placeOf, type PlaceOptions } from "../task-options.ts";
import { textOf } from "../utf8.ts";

interface SendOptions extends FileOptions, PlaceOptions {
  readonly bytes?: boolean;
  readonly file?: string;
  readonly id?: string;
  readonly key?: string;
  readonly cost?: string;
  readonly ttl?: string;
  readonly maxAttempts?: string;
}

export const sendCommand: Subcommand = (program) =>
  program
    .command("send")
    .summary("enqueue tasks")
    .description("Enqueues a task for each payload given, for what comes on stdin, or for each line of a file.")
    .argument("<queue>")
    .argument("[payload...]", "JSON, or text with --text; without any, stdin is one payload")
    .option("-f, --file <path>", "a task for each line of the file, each a payload; - is stdin")
    .option("--tasks", 'with --file: lines are tasks, such as {"payload": 1, "id": "a"}')
    .option(
      "--state <path>",
      "with --file: where to keep how far it is, to go on after an end; default beside the file",
    )
    .option("--skip <lines>", "with --file: pass over the first lines, and begin anew after them")
    .option("--plain", "requests are not numbered: a row less each, but one whose answer is lost is not repeated")
    .option("--text", "payloads are text, not JSON")
    .option("--bytes", "what comes on stdin is bytes")
    .option("--content-type <type>", "payloads are text, or bytes, of this type")
    .option("--id <id>", "the task's own id, its idempotency key")
    .option("--delay <duration>", "visible after this long: 30s, 5m, 2h")
    .option("--at <time>", "visible from this instant on: 2030-01-01T09:00:00Z, or ms since 1970")
    .option("--lane <name>", "lane; default main")
    .option("--key <key>", "what it belongs to: a tenant, an order, a host")
    .option("--cost <n>", "what an attempt takes of a rate, 1 to 1,000; default 1")
    .option("--priority <n>", "-100 to 100, the higher first; default 0")
    .option("--ttl <duration>", "gone if not done after this long")
    .option("--max-attempts <n>", "attempts before the task is dead; default the queue's")
    .option("--header <name=value...>", "header of the tasks")
    .addHelpText(
      "after",
      `
Examples:
  $ edgeq send orders '{"item": "pen", "count": 2}'
  $ edgeq send mails --text "Hello" --delay 10m
  $ edgeq send invoices '{"invoice": 7}' --key tenant-42
  $ cat photo.jpg | edgeq send images --bytes --content-type image/jpeg
  $ edgeq send orders --file orders.jsonl`,
    )
    .action(
      action(async (terminal, connection, options: SendOptions, name: string, payloads: readonly string[]) => {
        const queue = connect(name, connection, options.plain !== true);
        const shared = taskOptions(options);
        if (options.file !== undefined) {
          if (payloads.length > 0) throw new UsageError("--file: payloads are given beside it; give one or the other");
          // Loaded on demand: it takes all of Node's cryptography, which is a tenth of a command's start.
          const { sendFile } = await import("../send-file.ts");
          return sendFile(terminal, queue, connection.url, options.file, options, shared);
        }
        if (payloads.length > 1 && shared.id !== undefined) throw new UsageError("--id: given for more than one task");
        const contents =
          payloads.length > 0
            ? payloads.map((text, index) => payloadOf(text, options, `payload ${index + 1}`))
            : [await stdinPayload(terminal, options)];
        const sent = await queue.enqueueBatch(contents.map((content): NewTask<unknown> => ({ ...shared, ...content })));
        terminal.result({ tasks: sent }, () => sent.map(shownSent).join("\n"));
      }),
    );

async function stdinPayload(
  terminal: Terminal,
  options: SendOptions,
): Promise<Pick<NewTask<unknown>, "payload" | "contentType">> {
  if (process.stdin.isTTY) throw new UsageError("no payload: give one as an argument, with --file, or on stdin");
  const bytes = await buffer(process.stdin);
  if (options.bytes !== true)
    return payloadOf(textOf(bytes, "stdin", "; to send it as it is, add --bytes"), options, "stdin");
  if (bytes.byteLength === 0) terminal.note("stdin was empty; the payload is no bytes");
  const { contentType } = options;
  return { payload: new Uint8Array(bytes), ...(contentType === undefined ? {} : { contentType }) };
}

function taskOptions(options: SendOptions): TaskOptions {
  const { id, key, cost, ttl, maxAttempts } = options;
  return {
    ...placeOf(options),
    ...(id === undefined ? {} : { id }),
    ...(key === undefined ? {} : { key }),
    ...(cost === undefined ? {} : { cost: parseCount("--cost", cost, 1, 1_000) }),
    ...(ttl === undefined ? {} : { ttlMs: parseDuration("--ttl", ttl) }),
    ...(maxAttempts === undefined ? {} : { maxAttempts: parseCount("--max-attempts", maxAttempts, 1, 1_000) }),
  };
}

/** What became of an id that was known already, if the server says: it may be done, or dead. */
function shownSent({ id, duplicate, state }: WireEnqueuedTask): string {
  if (!duplicate) return id;
  return state === undefined ? `${id} (was there already)` : `${id} (was there already, ${state})`;
}
