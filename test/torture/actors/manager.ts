// The manager of the queues: redrives the dead, changes and cancels tasks by id and version, and pauses queues and keys.

import type { Actor } from "./actor.ts";
import { expected, post } from "./producers.ts";
import { KEYED, KEYS, LANES, type QueueName } from "./queues.ts";

interface Shown {
  readonly id: string;
  readonly version: number;
}

const TARGETS = ["orders", "work", "chain", ...KEYED] as const satisfies readonly QueueName[];

export async function manage(actor: Actor): Promise<void> {
  const { url, random } = actor;
  for (;;) {
    const base = `${url}/v1/queues/${random.pick(TARGETS)}`;
    const fate = random.next();
    if (fate < 0.1) await post(`${url}/v1/queues/orders-dead/redrive`, JSON.stringify({ limit: 1 + random.below(20) }));
    else if (fate < 0.2) await post(`${base}/redrive`, JSON.stringify({ limit: 1 + random.below(20) }));
    else if (fate < 0.35) {
      // Until then their keys are blocked.
      await post(`${url}/v1/queues/ledger/redrive`, JSON.stringify({ limit: 100 }));
    } else if (fate < 0.45) {
      const key = `${url}/v1/queues/${random.pick(KEYED)}/keys/${random.pick(KEYS)}`;
      await ask(key, "PUT", { paused: random.chance(0.3) });
    } else if (fate < 0.49) {
      await post(`${base}/pause`, "{}");
      await actor.pause(200);
      await post(`${base}/resume`, "{}");
    } else await changeOne(actor, base);
    await actor.pause(150);
  }
}

async function changeOne({ random }: Actor, base: string): Promise<void> {
  const state = random.pick(["ready", "delayed", "claimed", "dead"]);
  const page = (await ask(`${base}/tasks?state=${state}&limit=20`, "GET")) as {
    readonly tasks?: readonly Shown[];
  } | null;
  const task = page?.tasks?.[random.below(page.tasks.length || 1)];
  if (task === undefined) return;
  const path = `${base}/tasks/${encodeURIComponent(task.id)}`;
  const change = random.chance(0.5) ? { priority: random.below(3) } : { lane: random.pick(LANES) };
  if (random.chance(0.7)) await ask(path, "PATCH", { version: task.version, ...change });
  else await ask(`${path}?version=${task.version}${random.chance(0.3) ? "&force=true" : ""}`, "DELETE");
}

async function ask(url: string, method: string, body?: object): Promise<unknown> {
  const signal = AbortSignal.timeout(6_000);
  const sent =
    body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json" } };
  return fetch(url, { method, signal, ...sent }).then((response) => response.json(), expected);
}
