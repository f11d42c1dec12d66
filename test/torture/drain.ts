// The end of a torture: without any fault, everything that is offered is taken and acked, until the queues say that nothing is
// left but what is dead; then they show what they hold.

import { KEYED, KEYS, LANES, QUEUES, type QueueName } from "./actors/queues.ts";
import { post } from "./actors/producers.ts";
import type { HistoryFile } from "./history.ts";

/** Longer than the longest delay, claim and backoff in use, and than an outbox waits between attempts. */
const LIMIT_MS = 90_000;

interface Stats {
  readonly ready: number;
  readonly delayed: number;
  readonly claimed: number;
  readonly dead: number;
  readonly outbox: number;
}

/** Fulfilled when all is drained, or after 90 s: what is left then is in the history, to be judged. */
export async function drain(url: string, history: HistoryFile): Promise<void> {
  const names = Object.keys(QUEUES) as QueueName[];
  const until = performance.now() + LIMIT_MS;
  for (const name of names) await post(`${url}/v1/queues/${name}/resume`, "{}");
  for (const name of KEYED) {
    for (const key of KEYS) await fetch(`${url}/v1/queues/${name}/keys/${key}`, { method: "DELETE" });
  }
  for (let isEmpty = false; !isEmpty && performance.now() < until;) {
    isEmpty = true;
    // Its dead tasks block their keys.
    await post(`${url}/v1/queues/ledger/redrive`, "{}");
    for (const name of names) {
      await takeAll(url, name);
      const stats = await statsOf(url, name);
      if (stats.ready + stats.delayed + stats.claimed + stats.outbox > 0) isEmpty = false;
    }
    if (!isEmpty) await new Promise((fulfil) => setTimeout(fulfil, 100));
  }
  for (const name of names) {
    history.write({
      kind: "left",
      queue: name,
      tasks: await browsed(url, name),
      stats: { ...(await statsOf(url, name)) },
    });
  }
}

async function takeAll(url: string, queue: QueueName): Promise<void> {
  const base = `${url}/v1/queues/${queue}`;
  for (;;) {
    const answer = await post(`${base}/claim`, JSON.stringify({ max: 200, lanes: LANES, claimTimeoutMs: 5_000 }));
    const { tasks = [] } = (answer ?? {}) as { readonly tasks?: readonly { readonly claim: string }[] };
    if (tasks.length === 0) return;
    await post(`${base}/ack`, JSON.stringify({ claims: tasks.map((task) => task.claim) }));
  }
}

async function statsOf(url: string, queue: QueueName): Promise<Stats> {
  const response = await fetch(`${url}/v1/queues/${queue}`);
  return ((await response.json()) as { readonly stats: Stats }).stats;
}

async function browsed(url: string, queue: QueueName): Promise<readonly unknown[]> {
  const all: unknown[] = [];
  for (let cursor: string | null = ""; cursor !== null;) {
    const address = `${url}/v1/queues/${queue}/tasks?limit=500${cursor === "" ? "" : `&cursor=${encodeURIComponent(cursor)}`}`;
    const page = (await (await fetch(address)).json()) as { readonly tasks: unknown[]; readonly cursor: string | null };
    all.push(...page.tasks);
    ({ cursor } = page);
  }
  return all;
}
