// edgeq change: a task that waits gets another payload, place or time.

import type { Queue } from "../../client/index.ts";
import { connect } from "../connection.ts";
import { parseCount } from "../duration.ts";
import { UsageError } from "../exit-status.ts";
import { jsonTask, payloadOf, type PayloadKind } from "../payload.ts";
import { action, type Subcommand } from "../subcommand.ts";
import { placeOf, type PlaceOptions } from "../task-options.ts";

interface ChangeOptions extends PlaceOptions, PayloadKind {
  /** false: --no-key. */
  readonly key?: string | false;
  readonly ifVersion?: string;
  readonly redrive?: boolean;
}

export const changeCommand: Subcommand = (program) =>
  program
    .command("change")
    .summary("change a task that is not claimed")
    .description(
      "Changes the payload, the headers, the place or the time of a task. One that is claimed is left alone.",
    )
    .argument("<queue>")
    .argument("<id>")
    .argument("[payload]", "JSON, or text with --text; absent: it stays")
    .option("--text", "the payload is text, not JSON")
    .option("--content-type <type>", "the payload is text of this type")
    .option("--delay <duration>", "visible after this long: 30s, 5m, 2h; 0 is now")
    .option("--at <time>", "visible from this instant on: 2030-01-01T09:00:00Z")
    .option("--lane <name>", "to another lane")
    .option("--key <key>", "to another key")
    .option("--no-key", "it has no key any longer")
    .option("--priority <n>", "-100 to 100, the higher first")
    .option("--header <name=value...>", "these headers instead of its own")
    .option("--redrive", "a task that has died in the queue begins again, with the change if there is one")
    .option("--if-version <n>", "only if it is at this version; default: the one it is at")
    .addHelpText(
      "after",
      `
Exit status 1 when the task is claimed or at another version, 5 when it is not there.

Examples:
  $ edgeq change orders order-7 --delay 0
  $ edgeq change orders order-7 '{"item": "pencil"}' --if-version 3
  $ edgeq change orders order-8 '{"item": "pen"}' --redrive`,
    )
    .action(
      action(async (terminal, connection, options: ChangeOptions, name: string, id: string, payload?: string) => {
        const change = changeOf(options, payload);
        const queue = connect(name, connection);
        const version =
          options.ifVersion === undefined
            ? await versionOf(queue, id)
            : parseCount("--if-version", options.ifVersion, 1, Number.MAX_SAFE_INTEGER);
        const changed = await queue.change(id, version, change);
        terminal.result(jsonTask(changed), () => `${changed.id} is at version ${changed.version}, ${changed.state}`);
      }),
    );

function changeOf(options: ChangeOptions, payload: string | undefined): Parameters<Queue["change"]>[2] {
  const change = {
    ...(options.redrive === true ? { redrive: true } : {}),
    ...placeOf(options),
    ...(options.key === undefined ? {} : { key: options.key === false ? null : options.key }),
    ...(payload === undefined ? {} : payloadOf(payload, options, "payload")),
  };
  if (Object.keys(change).length > 0) return change;
  throw new UsageError(
    "nothing to change: give a payload, --delay, --at, --lane, --key, --priority, --header or --redrive",
  );
}

/** Of a task that is not there any; the change is then refused for that. */
async function versionOf(queue: Queue, id: string): Promise<number> {
  return (await queue.get(id))?.version ?? 1;
}
