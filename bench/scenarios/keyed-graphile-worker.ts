// graphile-worker's named queues: the jobs of one name run one after the other.
import { Logger, makeWorkerUtils, run, type WorkerUtils } from "graphile-worker";
import { Pool } from "pg";
import { missingPostgres, startPostgres } from "../peers/start-postgres.ts";
import { keyedPayload, keyedTaskOf, type KeyedQueue, type KeyedSubject } from "./keyed-queue.ts";

const poolConnections = 25;
/** As in peers/graphile-worker.ts, but for its local queue: jobs that wait there hold their name. */
const preset = { worker: { concurrentJobs: 24, maxPoolSize: poolConnections } };
const logger = new Logger(() => (level, message) => {
  if (level === "error") process.stderr.write(`graphile-worker: ${message}\n`);
});

export const keyedGraphileWorker: KeyedSubject = {
  name: "graphile-worker queueName",
  missing: missingPostgres,
  async start(dir) {
    const postgres = await startPostgres(dir);
    const pgPool = new Pool({ connectionString: postgres.url, max: poolConnections });
    pgPool.on("error", () => {});
    pgPool.on("connect", (client) => void client.on("error", () => {}));
    const workerUtils = await makeWorkerUtils({ pgPool, logger });
    await workerUtils.migrate();
    return {
      open: (name, isKeyed) => Promise.resolve(openQueue(workerUtils, pgPool, name, isKeyed)),
      async stop() {
        await workerUtils.release();
        await pgPool.end();
        await postgres.stop();
      },
    };
  },
};

function openQueue(workerUtils: WorkerUtils, pgPool: Pool, name: string, isKeyed: boolean): KeyedQueue {
  return {
    async enqueue(tasks) {
      const jobs = tasks.map((task) => ({
        identifier: name,
        payload: JSON.parse(keyedPayload(task)) as unknown,
        ...(isKeyed ? { queueName: `key-${task.key}` } : {}),
      }));
      await workerUtils.addJobs(jobs);
    },
    async consume(handle) {
      const runner = await run({
        preset,
        pgPool,
        logger,
        noHandleSignals: true,
        taskList: { [name]: (payload) => handle(keyedTaskOf(payload)) },
      });
      return { stop: () => runner.stop() };
    },
    async close() {
      await pgPool.query("TRUNCATE graphile_worker._private_jobs");
    },
  };
}
