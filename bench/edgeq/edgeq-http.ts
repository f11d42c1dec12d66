// edgeq over HTTP behind the peers' seam: its consumer is the long poll, a few of them at a time.
import { httpConnections } from "../measure/http-client.ts";
import { packageVersion } from "../measure/package-version.ts";
import type { Consumer, PeerQueue } from "../peers/peer.ts";
import { claimerOf, edgeqPeer } from "./edgeq-peer.ts";
import { QueueHttp } from "./queue-http.ts";
import { taskJson } from "./task-json.ts";

/** Long polls that work side by side, each for up to so many tasks. */
const pollers = 4;
const pollTasks = 100;
/** Far below the 20 s allowed: how long `stop` may have to wait for an idle poll. */
const pollMs = 1_000;

export const edgeqHttp = edgeqPeer({
  name: "edgeq-http",
  durability:
    "workerd's SQLite (WAL, synchronous FULL): what arrives together is committed and fsynced together, then answered.",
  clients: `undici ${packageVersion("undici")}`,
  openQueue: edgeqHttpQueue,
});

export async function edgeqHttpQueue(url: string, name: string): Promise<PeerQueue> {
  const producer = QueueHttp.open(url, name, httpConnections);
  const claiming = QueueHttp.open(url, name, httpConnections);
  return {
    enqueueOne: (payload) => producer.enqueue([taskJson(payload)]),
    enqueueMany: (payloads) => producer.enqueue(payloads.map((payload) => taskJson(payload))),
    claimSizes: [1, 10, 100],
    openClaimer: (size) => Promise.resolve(claimerOf(claiming, size)),
    consume: (handle) => Promise.resolve(consume(QueueHttp.open(url, name, pollers), handle)),
    async close() {
      await Promise.all([producer.close(), claiming.close()]);
    },
  };
}

function consume(queue: QueueHttp, handle: (payload: string) => void): Consumer {
  let stopping = false;
  const isStopping = (): boolean => stopping;
  let inHand = 0;
  let settle: (() => void) | null = null;
  const poll = async (): Promise<void> => {
    while (!isStopping()) {
      const tasks = await queue.claim(pollTasks, { waitMs: pollMs });
      if (tasks.length === 0) continue;
      inHand += 1;
      for (const { payload } of tasks) handle(JSON.stringify(payload));
      await queue.ack(tasks);
      inHand -= 1;
      if (inHand === 0) settle?.();
    }
  };
  const loops = Array.from({ length: pollers }, poll);
  return {
    async allAcked() {
      if (inHand > 0) await new Promise<void>((resolve) => (settle = resolve));
    },
    async stop() {
      stopping = true;
      await Promise.all(loops);
      await queue.close();
    },
  };
}
