// pg-boss's two ways to keep one job of a key at a time: the policy `key_strict_fifo`, which keeps order, and `groupConcurrency`,
// of which its documents say that it "may be slightly exceeded during race conditions".
import { PgBoss, type Job } from "pg-boss";
import { workOptions } from "../peers/pg-boss.ts";
import { missingPostgres, startPostgres } from "../peers/start-postgres.ts";
import { keyedPayload, keyedTaskOf, type KeyedQueue, type KeyedSubject, type KeyedTask } from "./keyed-queue.ts";

type Way = "fifo" | "group";

const poolConnections = 20;

export const keyedPgBoss: readonly KeyedSubject[] = (["fifo", "group"] as const).map((way) => ({
  name: way === "fifo" ? "pg-boss key_strict_fifo" : "pg-boss groupConcurrency",
  missing: missingPostgres,
  async start(dir) {
    const postgres = await startPostgres(dir);
    const boss = new PgBoss({ connectionString: postgres.url, max: poolConnections });
    let isStopping = false;
    boss.on("error", (error) => {
      // Its connections are still open when the server shuts down.
      if (!isStopping) process.stderr.write(`pg-boss: ${error.message}\n`);
    });
    await boss.start();
    return {
      open: (name, isKeyed) => openQueue(boss, name, isKeyed ? way : null),
      async stop() {
        isStopping = true;
        await boss.stop({ graceful: false, close: true });
        await postgres.stop();
      },
    };
  },
}));

async function openQueue(boss: PgBoss, name: string, way: Way | null): Promise<KeyedQueue> {
  await boss.createQueue(name, way === "fifo" ? { policy: "key_strict_fifo" } : {});
  const optionsOf = ({ key }: KeyedTask): object => {
    if (way === "fifo") return { singletonKey: `key-${key}` };
    return way === "group" ? { group: { id: `key-${key}` } } : {};
  };
  return {
    async enqueue(tasks) {
      const jobs = tasks.map((task) => ({ data: JSON.parse(keyedPayload(task)) as object, ...optionsOf(task) }));
      await boss.insert(name, jobs);
    },
    async consume(handle) {
      const options = way === "group" ? { ...workOptions, groupConcurrency: 1 } : workOptions;
      await boss.work(name, options, async (jobs: Job[]) => {
        // All at a time, so that two of a key in one batch are seen.
        await Promise.all(jobs.map(({ data }) => handle(keyedTaskOf(data))));
      });
      return { stop: () => boss.offWork(name, { wait: true }) };
    },
    close: () => boss.deleteAllJobs(name),
  };
}
