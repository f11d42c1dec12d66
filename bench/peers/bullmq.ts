// BullMQ on a Redis of its own, once with every write fsynced before its answer and once with nothing
// on disk. BullMQ's "Going to production" asks for AOF and `maxmemory-policy noeviction`; Redis's
// persistence page names `appendfsync always` as the setting that loses nothing.
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Queue, Worker, type ConnectionOptions, type Job } from "bullmq";
import { findProgram, missingProgram } from "../measure/find-program.ts";
import { freePort } from "../measure/free-port.ts";
import { packageVersion } from "../measure/package-version.ts";
import { programVersion } from "../measure/program-version.ts";
import { startServer } from "../measure/start-server.ts";
import type { Claimer, Consumer, Peer, PeerQueue, RunningPeer } from "./peer.ts";

const redis = findProgram("redis-server");
const persistence = {
  fsync: ["--appendonly", "yes", "--appendfsync", "always", "--save", ""],
  memory: ["--appendonly", "no", "--save", ""],
};
/** 16 and 32 were slower (7,000 and 8,900 lives/s); 64, 128, 200 and 256 did the same (10,000 to 11,000), in single short runs. */
const workerConcurrency = 64;
/** Without these two, Redis keeps every finished job and its memory grows with the run. */
const jobOptions = { removeOnComplete: true, removeOnFail: true };

export const bullmqFsync: Peer = peerOf(
  "bullmq-fsync",
  "fsync",
  "Redis appendonly with appendfsync always: the append-only file is fsynced before the answer.",
);
export const bullmqMemory: Peer = peerOf(
  "bullmq-memory",
  "memory",
  "Nothing: Redis without append-only file or snapshots, all is lost with the process.",
);

function peerOf(name: string, mode: keyof typeof persistence, durability: string): Peer {
  return {
    name,
    durability,
    missing: () => missingProgram("redis-server", redis),
    start: (dir) => start(dir, persistence[mode]),
  };
}

async function start(dir: string, modeArgs: readonly string[]): Promise<RunningPeer> {
  if (redis === null) throw new Error("redis-server is missing");
  const port = await freePort();
  const server = await startServer({
    command: redis,
    args: [
      "--port",
      String(port),
      "--bind",
      "127.0.0.1",
      "--dir",
      dir,
      "--maxmemory-policy",
      "noeviction",
      ...modeArgs,
    ],
    port,
    logFile: join(dir, "redis.log"),
  });
  return {
    version: `BullMQ ${packageVersion("bullmq")}, Redis ${programVersion(redis, ["--version"])}`,
    openQueue: (queueName) => Promise.resolve(openQueue(queueName, port)),
    stop: () => server.stop(),
  };
}

function openQueue(name: string, port: number): PeerQueue {
  const connection = { host: "127.0.0.1", port, maxRetriesPerRequest: null };
  const queue = new Queue(name, { connection, defaultJobOptions: jobOptions });
  let claiming: Worker | null = null;
  return {
    async enqueueOne(payload) {
      await queue.add("task", JSON.parse(payload));
    },
    async enqueueMany(payloads) {
      await queue.addBulk(payloads.map((payload) => ({ name: "task", data: JSON.parse(payload) as object })));
    },
    claimSizes: [1],
    async openClaimer() {
      claiming ??= new Worker(name, null, { connection, autorun: false });
      await claiming.waitUntilReady();
      return claimerOf(claiming);
    },
    consume: (handle) => consume(name, connection, handle),
    async close() {
      await claiming?.close(true);
      await queue.obliterate({ force: true });
      await queue.close();
    },
  };
}

/** BullMQ's "manually processing jobs": take the next one, then move it to completed. */
function claimerOf(worker: Worker): Claimer {
  const token = randomUUID();
  return {
    async claimAndAck() {
      const job = (await worker.getNextJob(token, { block: false })) as Job | undefined;
      if (job === undefined) return 0;
      await job.moveToCompleted(null, token, false);
      return 1;
    },
    close: () => Promise.resolve(),
  };
}

async function consume(
  name: string,
  connection: ConnectionOptions,
  handle: (payload: string) => void,
): Promise<Consumer> {
  let handled = 0;
  let completed = 0;
  const unfinished = (): number => handled - completed;
  const worker = new Worker(
    name,
    async (job: Job) => {
      handled += 1;
      handle(JSON.stringify(job.data));
    },
    { connection, concurrency: workerConcurrency },
  );
  worker.on("completed", () => (completed += 1));
  worker.on("error", (error) => process.stderr.write(`bullmq worker: ${error.message}\n`));
  await worker.waitUntilReady();
  return {
    async allAcked() {
      while (unfinished() > 0) await sleep(1);
    },
    stop: () => worker.close(),
  };
}
