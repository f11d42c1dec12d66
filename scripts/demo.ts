// `npm run demo`: shows on real input that a killed consumer loses nothing and repeats nothing.
//
//   npm run demo -- [folder]      default: node_modules, the installed dependencies
//
// Enqueues one task for each file of the folder; two processes claim them, hash the files, and ack; one of the two is
// killed with SIGKILL in the middle. In the end every file must have exactly one committed result, equal to the hash taken
// directly. Exit status 0 only if that holds. With EDGEQ_URL it uses a queue that is running (and EDGEQ_TOKEN, which must
// allow enqueue, claim, browse and manage on `demo-*`); else it runs one on workerd, on a free port.

import { createHash, randomUUID } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { check, type Verdict } from "./demo/check.ts";
import { filesOf, sha256OfAll } from "./demo/files.ts";
import { readJournal } from "./demo/journal.ts";
import { queueApi, type QueueApi } from "./demo/queue-api.ts";
import { runConsumers } from "./demo/run-consumers.ts";
import { CommandError } from "../src/serve/command-error.ts";
import { runCommand } from "../src/serve/run-command.ts";
import { PROJECT_DIR } from "./worker-config.ts";
import { startWorkerd } from "./workerd-server.ts";

const ENQUEUE_BATCH = 1_000;
const CONSUMERS = 2;
const ID_LENGTH = 32;
const DEDUPE_MS = 3_600_000;

interface DemoFile {
  /** The task's own id, so that a task that is enqueued twice is there once (P10): a hash, since paths may be long. */
  readonly id: string;
  readonly path: string;
}

await runCommand(async () => {
  const folder = chosenFolder();
  const files = await demoFiles(folder);
  console.log(`${count(files.length)} files in ${folder}; taking their hashes directly`);
  const hashes = await sha256OfAll(files.map(({ path }) => join(folder, path)));
  const expected = new Map(files.map(({ id }, index) => [id, hashes[index] ?? ""]));

  endOnSignals();
  mkdirSync(join(PROJECT_DIR, ".edgeq"), { recursive: true });
  const dir = mkdtempSync(join(PROJECT_DIR, ".edgeq/demo-"));
  const journals = Array.from({ length: CONSUMERS }, (_, index) => join(dir, `consumer-${index + 1}.jsonl`));
  let keeps = false;
  const { EDGEQ_URL, EDGEQ_TOKEN } = process.env;
  const server = EDGEQ_URL === undefined ? await startWorkerd({ stateDir: join(dir, "state") }) : null;
  try {
    const url = server?.url ?? (EDGEQ_URL ?? "").replace(/\/+$/, "");
    const address = { url, queue: `demo-${randomUUID().slice(0, 8)}`, token: EDGEQ_TOKEN };
    const api = queueApi(address);
    // Nothing but an ack ends a task here, and what is done with is remembered, so that it can be asked for.
    await api.put({ maxAttempts: null, retentionMs: null, dedupeMs: DEDUPE_MS });
    await enqueue(api, files);
    console.log(`enqueued ${count(files.length)} tasks in queue ${address.queue} at ${url}`);
    const elapsedMs = await runConsumers({ api, address, folder, journals, tasks: files.length });
    const verdict = check(expected, await doneOf(api, files), journals.map(readJournal));
    tell(verdict, files, elapsedMs);
    await api.delete();
    if (verdict.committed === files.length) return 0;
    keeps = true;
    console.log(`what the consumers wrote down is in ${dir}`);
    return 1;
  } finally {
    await server?.stop();
    if (!keeps) rmSync(dir, { recursive: true });
  }
});

function chosenFolder(): string {
  try {
    const { positionals } = parseArgs({ allowPositionals: true });
    if (positionals.length > 1) throw new Error(`given ${positionals.length} folders, allowed: 1`);
    return positionals[0] === undefined ? join(PROJECT_DIR, "node_modules") : resolve(positionals[0]);
  } catch (error) {
    throw new CommandError(error instanceof Error ? error.message : String(error));
  }
}

async function demoFiles(folder: string): Promise<DemoFile[]> {
  const paths = await filesOf(folder).catch((error: unknown) => {
    throw new CommandError(`cannot read the folder: ${error instanceof Error ? error.message : String(error)}`);
  });
  if (paths.length === 0) throw new CommandError(`no files in ${folder}`);
  return paths.map((path) => ({ id: createHash("sha256").update(path).digest("hex").slice(0, ID_LENGTH), path }));
}

/** Every file's task, in batches. */
async function enqueue(api: QueueApi, files: readonly DemoFile[]): Promise<{ id: string; duplicate: boolean }[]> {
  const answers: { id: string; duplicate: boolean }[] = [];
  for (let from = 0; from < files.length; from += ENQUEUE_BATCH) {
    const tasks = files.slice(from, from + ENQUEUE_BATCH).map(({ id, path }) => ({ id, payload: { path } }));
    answers.push(...(await api.post<{ tasks: { id: string; duplicate: boolean }[] }>("tasks", { tasks })).tasks);
  }
  return answers;
}

/** The ids that the queue says it has done with: enqueued once more when it is empty, it knows them as duplicates. */
async function doneOf(api: QueueApi, files: readonly DemoFile[]): Promise<ReadonlySet<string>> {
  return new Set((await enqueue(api, files)).filter(({ duplicate }) => duplicate).map(({ id }) => id));
}

function tell(verdict: Verdict, files: readonly DemoFile[], elapsedMs: number): void {
  const paths = new Map(files.map(({ id, path }) => [id, path]));
  const { committed, lost, twice, wrong, redelivered, unanswered } = verdict;
  const rate = count(Math.round((1_000 * files.length) / elapsedMs));
  console.log(
    `${count(files.length)} tasks in ${(elapsedMs / 1_000).toFixed(1)} s, ${rate}/s, the wait for the killed consumer's claims included`,
  );
  console.log(
    `${count(redelivered)} tasks came back and were done by another attempt; the kill cut off the answers to ${count(unanswered)} acks that had succeeded`,
  );
  for (const [what, ids] of Object.entries({ lost, twice, wrong }))
    for (const id of ids.slice(0, 10)) console.log(`${what}: ${paths.get(id)}`);
  console.log(
    `${committed === files.length ? "OK" : "FAILED"}: ${count(committed)} of ${count(files.length)} files have exactly one committed result, equal to the hash taken directly; ` +
      `${count(lost.length)} lost, ${count(twice.length)} twice, ${count(wrong.length)} wrong`,
  );
}

function count(items: number): string {
  return items.toLocaleString("en");
}

/** The server and the consumers end with this process: the server at its exit, the consumers when their channel closes. */
function endOnSignals(): void {
  process.once("SIGINT", () => process.exit(130));
  process.once("SIGTERM", () => process.exit(143));
}
