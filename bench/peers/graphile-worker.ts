// graphile-worker on PostgreSQL, with the settings of its own "Performance" page: 24 concurrent jobs, a
// pool of 25, a local queue of 500, completions batched. It has no claim that a caller controls.
import { setTimeout as sleep } from "node:timers/promises";
import { Logger, makeWorkerUtils, run, type WorkerUtils } from "graphile-worker";
import { Pool } from "pg";
import { packageVersion } from "../measure/package-version.ts";
import type { Consumer, Peer, PeerQueue, RunningPeer } from "./peer.ts";
import { missingPostgres, postgresDurability, startPostgres } from "./start-postgres.ts";

const poolConnections = 25;
const preset = {
  worker: {
    concurrentJobs: 24,
    maxPoolSize: poolConnections,
    localQueue: { size: 500 },
    completeJobBatchDelay: 0,
    failJobBatchDelay: 0,
  },
};
const logger = new Logger(() => (level, message) => {
  if (level === "error") process.stderr.write(`graphile-worker: ${message}\n`);
});

export const graphileWorker: Peer = {
  name: "graphile-worker",
  durability: postgresDurability,
  missing: missingPostgres,
  async start(dir): Promise<RunningPeer> {
    const postgres = await startPostgres(dir);
    const pgPool = new Pool({ connectionString: postgres.url, max: poolConnections });
    // graphile-worker asks for both; the server's own shutdown may end idle connections.
    pgPool.on("error", () => {});
    pgPool.on("connect", (client) => void client.on("error", () => {}));
    const workerUtils = await makeWorkerUtils({ pgPool, logger });
    await workerUtils.migrate();
    return {
      version: `graphile-worker ${packageVersion("graphile-worker")}, ${postgres.version}`,
      openQueue: (name) => Promise.resolve(openQueue(workerUtils, pgPool, name)),
      async stop() {
        await workerUtils.release();
        await pgPool.end();
        await postgres.stop();
      },
    };
  },
};

function openQueue(workerUtils: WorkerUtils, pgPool: Pool, name: string): PeerQueue {
  return {
    async enqueueOne(payload) {
      await workerUtils.addJob(name, JSON.parse(payload));
    },
    async enqueueMany(payloads) {
      await workerUtils.addJobs(
        payloads.map((payload) => ({ identifier: name, payload: JSON.parse(payload) as unknown })),
      );
    },
    claimSizes: [],
    openClaimer: () => Promise.reject(new Error("graphile-worker has no claim")),
    consume: (handle) => consume(pgPool, name, handle),
    async close() {
      // All queues share one table: what an enqueue workload left would slow the next one.
      await pgPool.query("TRUNCATE graphile_worker._private_jobs");
    },
  };
}

async function consume(pgPool: Pool, name: string, handle: (payload: string) => void): Promise<Consumer> {
  const runner = await run({
    preset,
    pgPool,
    logger,
    noHandleSignals: true,
    taskList: { [name]: async (payload) => handle(JSON.stringify(payload)) },
  });
  const countUnfinished = async (): Promise<number> => {
    const { rows } = await pgPool.query<{ unfinished: number }>(
      "SELECT count(*)::int AS unfinished FROM graphile_worker._private_jobs",
    );
    return rows[0]?.unfinished ?? 0;
  };
  return {
    async allAcked() {
      while ((await countUnfinished()) > 0) await sleep(2);
    },
    stop: () => runner.stop(),
  };
}
