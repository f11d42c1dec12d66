// Sends a file of lines, a request after another, so that a later run goes on where an earlier one was ended.

import { stat } from "node:fs/promises";
import { isProblem, type NewTask, type Queue, type TaskOptions } from "../client/index.ts";
import { parseCount } from "./duration.ts";
import { UsageError } from "./exit-status.ts";
import { FileSender } from "./file-sender.ts";
import { inBatches, linesOf, type Line } from "./json-lines.ts";
import { parseJson, payloadOf, type PayloadKind } from "./payload.ts";
import { ProgressBar } from "./progress-bar.ts";
import { SendState, type SendJob } from "./send-state.ts";
import type { Terminal } from "./terminal.ts";

export interface FileOptions extends PayloadKind {
  readonly tasks?: boolean;
  readonly state?: string;
  readonly skip?: string;
  readonly plain?: boolean;
}

export async function sendFile(
  terminal: Terminal,
  queue: Queue,
  url: string,
  path: string,
  options: FileOptions,
  shared: TaskOptions,
): Promise<void> {
  if (shared.id !== undefined) throw new UsageError("--id: not with --file; with --tasks each line may have its own");
  const skip = options.skip === undefined ? 0 : parseCount("--skip", options.skip, 0, Number.MAX_SAFE_INTEGER);
  const size = path === "-" ? 0 : await sizeOf(path);
  const { text, contentType, tasks } = options;
  const job = { url: url.replace(/\/+$/, ""), queue: queue.name, options: { text, contentType, tasks, ...shared } };
  const state = await stateOf(path, options, job);
  const sender = new FileSender(queue, state, skip, (line) => taskOfLine(line, options, shared));
  const bar = new ProgressBar(terminal, size);
  if (state !== null && state.earlier !== null)
    terminal.note(`An earlier run was ended; this one goes on after line ${sender.through}.`);
  try {
    for await (const batch of inBatches(linesOf(path), sender.ends)) {
      await sender.take(batch);
      bar.at(batch.at(-1)?.endsAt ?? 0, sender.sent);
    }
    sender.finish();
    await state?.remove();
  } catch (error) {
    bar.end();
    if (sender.sent > 0 || isProblem(error, "call-forgotten"))
      terminal.error(`edgeq: ${sender.sent} tasks were sent; ${sender.howToGoOn(error)}`);
    throw error;
  }
  bar.end();
  const { sent, duplicates } = sender;
  terminal.result({ sent, duplicates }, () => {
    const before = duplicates === 0 ? "" : `, ${duplicates.toLocaleString("en")} of them there already`;
    return `${sent.toLocaleString("en")} tasks sent to ${queue.name}${before}`;
  });
}

/** null: nothing is kept, so that each run is one of its own. */
async function stateOf(path: string, options: FileOptions, job: SendJob): Promise<SendState | null> {
  const { state, plain = false, skip } = options;
  if (plain && state !== undefined) throw new UsageError("--state: requests without numbers cannot be taken up again");
  // What comes on stdin is there again only if somebody sees to it.
  const place = state ?? (path === "-" ? null : `${path}.edgeq-send`);
  return plain || place === null ? null : SendState.open(place, job, skip !== undefined);
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    throw new UsageError(`--file: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function taskOfLine({ text, number }: Line, options: FileOptions, shared: TaskOptions): NewTask<unknown> {
  const source = `line ${number}`;
  if (options.tasks !== true) return { ...shared, ...payloadOf(text, options, source) };
  const task = parseJson(text, source);
  if (typeof task === "object" && task !== null && "payload" in task) return { ...shared, ...task };
  throw new UsageError(`${source}: with --tasks each line is an object with a payload`);
}
