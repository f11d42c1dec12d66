// pg-boss on PostgreSQL: `send` and `insert`, `fetch` and `complete`, and `work` in batches. Twice: as it
// is by default (workers poll), and with LISTEN/NOTIFY, which its documents name for low latency and
// which halves single enqueues here, since commits that notify take their turn at one lock.
import { setTimeout as sleep } from "node:timers/promises";
import { Pool } from "pg";
import { PgBoss, type Job } from "pg-boss";
import { packageVersion } from "../measure/package-version.ts";
import type { Claimer, Consumer, Peer, PeerQueue, RunningPeer } from "./peer.ts";
import { missingPostgres, postgresDurability, startPostgres } from "./start-postgres.ts";

/** Its default is 10; 10, 20 and 40 were within 12 % (2,700, 2,800 and 2,500 sends/s in single short runs). */
const poolConnections = 20;
/** Burst fetches on without delay while batches come back full; 0.5 s is the least that polling allows. */
export const workOptions = {
  batchSize: 100,
  localConcurrency: 2,
  burstWhenBatchFull: true,
  pollingIntervalSeconds: 0.5,
};

export const pgBossPolling: Peer = peerOf("pg-boss", false);
export const pgBossNotify: Peer = peerOf("pg-boss-notify", true);

function peerOf(name: string, notify: boolean): Peer {
  return { name, durability: postgresDurability, missing: missingPostgres, start: (dir) => start(dir, notify) };
}

async function start(dir: string, notify: boolean): Promise<RunningPeer> {
  const postgres = await startPostgres(dir);
  const boss = new PgBoss({ connectionString: postgres.url, max: poolConnections, useListenNotify: notify });
  let stopping = false;
  boss.on("error", (error) => {
    // Its listener's connection is still open when the server shuts down.
    if (!stopping) process.stderr.write(`pg-boss: ${error.message}\n`);
  });
  await boss.start();
  const pool = new Pool({ connectionString: postgres.url, max: 1 });
  return {
    version: `pg-boss ${packageVersion("pg-boss")}, ${postgres.version}`,
    openQueue: (name) => openQueue(boss, pool, name, notify),
    async stop() {
      stopping = true;
      await boss.stop({ graceful: false, close: true });
      await untilAlone(pool);
      await pool.end();
      await postgres.stop();
    },
  };
}

/** pg-boss lets go of its listener's connection after `stop`; a server that ended first would fail it. */
async function untilAlone(pool: Pool): Promise<void> {
  const sql = "SELECT 1 FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()";
  const deadline = Date.now() + 5_000;
  while ((await pool.query(sql)).rows.length > 0 && Date.now() < deadline) await sleep(10);
}

async function openQueue(boss: PgBoss, pool: Pool, name: string, notify: boolean): Promise<PeerQueue> {
  await boss.createQueue(name, { notify });
  return {
    async enqueueOne(payload) {
      await boss.send(name, JSON.parse(payload) as object);
    },
    async enqueueMany(payloads) {
      await boss.insert(
        name,
        payloads.map((payload) => ({ data: JSON.parse(payload) as object })),
      );
    },
    claimSizes: [1, 10, 100],
    openClaimer: (size) => Promise.resolve(claimerOf(boss, name, size)),
    consume: (handle) => consume(boss, pool, name, handle),
    async close() {
      await boss.deleteAllJobs(name);
      await boss.deleteQueue(name);
    },
  };
}

function claimerOf(boss: PgBoss, name: string, size: number): Claimer {
  return {
    async claimAndAck() {
      const jobs = await boss.fetch(name, { batchSize: size });
      if (jobs.length === 0) return 0;
      await boss.complete(
        name,
        jobs.map(({ id }) => id),
      );
      return jobs.length;
    },
    close: () => Promise.resolve(),
  };
}

async function consume(boss: PgBoss, pool: Pool, name: string, handle: (payload: string) => void): Promise<Consumer> {
  await boss.work(name, workOptions, async (jobs: Job[]) => {
    for (const job of jobs) handle(JSON.stringify(job.data));
  });
  const countUnfinished = async (): Promise<number> => {
    const sql = "SELECT count(*)::int AS unfinished FROM pgboss.job WHERE name = $1 AND state < 'completed'";
    const { rows } = await pool.query<{ unfinished: number }>(sql, [name]);
    return rows[0]?.unfinished ?? 0;
  };
  return {
    async allAcked() {
      while ((await countUnfinished()) > 0) await sleep(2);
    },
    stop: () => boss.offWork(name, { wait: true }),
  };
}
