// One consumer of the demo, a process of its own that may be killed at any instant: claims files, hashes them, writes the
// results down, acks. Ends when its parent closes the channel between them.
//
//   node scripts/demo-consumer.ts <folder> <journal> <url> <queue> <claimant> <tasks per claim>
//
// EDGEQ_TOKEN in the environment, if the queue wants one.

import { join } from "node:path";
import { sha256OfAll } from "./demo/files.ts";
import { Journal } from "./demo/journal.ts";
import { queueApi } from "./demo/queue-api.ts";

/** What a consumer tells its parent. */
export type Report = { readonly claimed: number } | { readonly acked: number };

interface ClaimedFile {
  readonly id: string;
  readonly claim: string;
  readonly attempts: number;
  readonly payload: { readonly path: string };
}

const WAIT_MS = 5_000;
/** Short, so that what a killed consumer held comes back soon; whoever lives on extends in time. */
const CLAIM_TIMEOUT_MS = 2_000;
const EXTEND_EVERY_MS = 500;

const [folder = "", journalPath = "", url = "", queue = "", claimant = "", batch = "1"] = process.argv.slice(2);
const api = queueApi({ url, queue, token: process.env["EDGEQ_TOKEN"] });
const journal = new Journal(journalPath);
const stopping = new AbortController();
process.once("disconnect", () => stopping.abort());

while (!stopping.signal.aborted) {
  const files = await claimFiles();
  if (files.length === 0) continue;
  report({ claimed: files.length });
  const keeping = keepClaims(files);
  const hashes = await sha256OfAll(files.map(({ payload }) => join(folder, payload.path)));
  clearInterval(keeping);
  journal.write(
    files.map(({ id, claim, attempts }, index) => ({
      kind: "result",
      id,
      claim,
      attempts,
      sha256: hashes[index] ?? "",
    })),
  );
  const answers = await ackOnce(files);
  journal.write(answers.map(({ claim, ok }) => ({ kind: "ack", claim, ok })));
  report({ acked: answers.filter(({ ok }) => ok).length });
}
journal.close();

async function claimFiles(): Promise<readonly ClaimedFile[]> {
  const body = { max: Number(batch), waitMs: WAIT_MS, claimTimeoutMs: CLAIM_TIMEOUT_MS, claimant };
  try {
    return (await api.post<{ tasks: ClaimedFile[] }>("claim", body, { signal: stopping.signal })).tasks;
  } catch (error) {
    if (stopping.signal.aborted) return [];
    throw error;
  }
}

/** A claim that is lost all the same shows at the ack, which then says so; so an answer here changes nothing. */
function keepClaims(files: readonly ClaimedFile[]): NodeJS.Timeout {
  const claims = files.map(({ claim }) => claim);
  return setInterval(
    () => void api.post("extend", { claims, claimTimeoutMs: CLAIM_TIMEOUT_MS }).catch(() => {}),
    EXTEND_EVERY_MS,
  );
}

/** Never asked twice: the second answer would hide the first. Without an answer the results stay unanswered, see check.ts. */
async function ackOnce(files: readonly ClaimedFile[]): Promise<readonly { claim: string; ok: boolean }[]> {
  const claims = files.map(({ claim }) => claim);
  try {
    return (await api.post<{ results: { claim: string; ok: boolean }[] }>("ack", { claims }, { attempts: 1 })).results;
  } catch (error) {
    console.error(`${claimant}: an ack was not answered: ${String(error)}`);
    return [];
  }
}

/** For the progress bar only: a parent that has stopped listening does not matter. */
function report(what: Report): void {
  process.send?.(what, undefined, {}, () => {});
}
