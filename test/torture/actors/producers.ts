// Producers: with the published client over HTTP or a socket, which sends again what got no answer, and with plain requests,
// which do not.

import { Queue, SocketTransport } from "../../../src/client/index.ts";
import type { Actor } from "./actor.ts";
import { KEYED, KEYS, placement, type QueueName } from "./queues.ts";

const TARGETS = ["orders", "orders", "work"] as const satisfies readonly QueueName[];
/** Ids that are sent again later, with another payload. */
const KEPT_IDS = 50;

export async function produceWithClient(actor: Actor, isOverSocket: boolean): Promise<void> {
  const { url, random, name } = actor;
  const transport = isOverSocket ? new SocketTransport({ url }) : undefined;
  const reach = transport === undefined ? { url } : { transport };
  const queues = TARGETS.map((target) => new Queue<unknown>(target, { ...reach, timeoutMs: 4_000 }));
  const used: string[] = [];
  for (let count = 1; ; count += 1) {
    const queue = random.pick(queues);
    const id = random.chance(0.5) ? `${name}:${count}` : undefined;
    const task = (): object => ({ payload: { t: actor.token() }, ...placement(random) });
    const tasks = Array.from({ length: random.chance(0.2) ? 1 + random.below(30) : 1 }, task);
    if (id !== undefined) Object.assign(tasks[0] ?? {}, { id });
    if (used.length > 0 && random.chance(0.1)) Object.assign(tasks[0] ?? {}, { id: random.pick(used) });
    if (id !== undefined && used.length < KEPT_IDS) used.push(id);
    await queue.enqueueBatch(tasks as { payload: unknown }[]).catch(expected);
    await actor.pause(40);
  }
}

export async function produceWithFetch(actor: Actor): Promise<void> {
  const { url, random } = actor;
  for (;;) {
    const queue = random.pick(TARGETS);
    const address = `${url}/v1/queues/${queue}/tasks`;
    if (random.chance(0.3)) {
      const query = new URLSearchParams(
        Object.entries(placement(random)).map(([name, value]) => [name, String(value)]),
      );
      await post(`${address}?${query.toString()}`, actor.token(), "text/plain");
    } else {
      const length = random.chance(0.3) ? 1 + random.below(120) : 1;
      const plain = random.chance(0.6);
      const tasks = Array.from({ length }, () => ({
        payload: { t: actor.token() },
        ...(plain ? {} : placement(random)),
      }));
      await post(address, JSON.stringify({ tasks }), "application/json");
    }
    await actor.pause(60);
  }
}

/** Tasks of few keys, so that most have others of their key before and after them; some become visible after later ones. */
export async function produceWithKeys(actor: Actor): Promise<void> {
  const { url, random } = actor;
  for (;;) {
    const tasks = Array.from({ length: 1 + random.below(5) }, () => ({
      payload: { t: actor.token() },
      key: random.pick(KEYS),
      ...(random.chance(0.15) ? { delayMs: 20 + random.below(600) } : {}),
    }));
    await post(`${url}/v1/queues/${random.pick(KEYED)}/tasks`, JSON.stringify({ tasks }));
    await actor.pause(100);
  }
}

/** null: it was not answered. */
export async function post(url: string, body: string, type = "application/json"): Promise<unknown> {
  try {
    const signal = AbortSignal.timeout(6_000);
    const response = await fetch(url, { method: "POST", body, headers: { "content-type": type }, signal });
    return await response.json();
  } catch {
    return null;
  }
}

/** Refusals and lost answers are what a torture is made of: they are in the history. */
export function expected(): null {
  return null;
}
