// The Cloudflare Queues simulator of miniflare (what `wrangler dev` runs): a Worker with a producer
// binding, called over HTTP, and a consumer that reports each batch to the load process.
// The simulator keeps messages in memory: nothing is durable, and nothing can be claimed by pull.
import { convertV4MiniflareOptions, Miniflare, type MiniflareOptions, Response as MiniflareResponse } from "miniflare";
import { setTimeout as sleep } from "node:timers/promises";
import { Pool } from "undici";
import { freePort } from "../measure/free-port.ts";
import { packageVersion } from "../measure/package-version.ts";
import type { Consumer, Peer, PeerQueue, RunningPeer } from "./peer.ts";

/** The most that Cloudflare Queues takes in one sendBatch and delivers in one batch. */
const maxBatch = 100;
const connections = 64;

const worker = `export default {
  async fetch(request, env) {
    const payloads = await request.json();
    if (payloads.length === 1) await env.TASKS.send(payloads[0]);
    else await env.TASKS.sendBatch(payloads.map((body) => ({ body })));
    return new Response('ok');
  },
  async queue(batch, env) {
    await env.HANDLED.fetch('http://bench/', { method: 'POST', body: JSON.stringify(batch.messages.map(({ body }) => body)) });
  },
};`;

export const cloudflareQueues: Peer = {
  name: "cloudflare-queues-simulator",
  durability: "Nothing: the simulator keeps messages in memory.",
  missing: () => null,
  start: (): Promise<RunningPeer> =>
    Promise.resolve({
      version: `miniflare ${packageVersion("miniflare")}, workerd ${packageVersion("workerd")}`,
      openQueue,
      stop: () => Promise.resolve(),
    }),
};

async function openQueue(name: string): Promise<PeerQueue> {
  const port = await freePort();
  let handle: ((payload: string) => void) | null = null;
  const optionsWith = (consumers: object): MiniflareOptions =>
    convertV4MiniflareOptions({
      name: "bench",
      host: "127.0.0.1",
      port,
      logRequests: false,
      cf: false, // Otherwise it asks the internet where it is.
      modules: true,
      script: worker,
      compatibilityDate: "2026-08-15",
      queueProducers: { TASKS: name },
      ...consumers,
      serviceBindings: {
        async HANDLED(request: { json(): Promise<unknown> }) {
          for (const payload of (await request.json()) as string[]) handle?.(payload);
          return new MiniflareResponse(null, { status: 204 });
        },
      },
    });
  const miniflare = new Miniflare(optionsWith({}));
  const pool = new Pool((await miniflare.ready).origin, { connections, pipelining: 1 });
  const send = async (payloads: readonly string[]): Promise<void> => {
    const { statusCode, body } = await pool.request({ path: "/", method: "POST", body: JSON.stringify(payloads) });
    const text = await body.text();
    if (statusCode !== 200) throw new Error(`queues simulator answered ${statusCode}: ${text.slice(0, 200)}`);
  };
  return {
    enqueueOne: (payload) => send([payload]),
    enqueueMany: send,
    claimSizes: [],
    openClaimer: () => Promise.reject(new Error("the simulator has no pull")),
    async consume(given): Promise<Consumer> {
      handle = given;
      // A timeout of 0 delivers at once; Cloudflare's default of 5 s would be the latency measured.
      await miniflare.setOptions(
        optionsWith({ queueConsumers: { [name]: { maxBatchSize: maxBatch, maxBatchTimeout: 0 } } }),
      );
      await miniflare.ready;
      return { allAcked: () => sleep(0), stop: () => Promise.resolve() };
    },
    async close() {
      await pool.close();
      await miniflare.dispose();
    },
  };
}
