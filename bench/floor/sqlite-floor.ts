// Raw SQLite on the same disk, no server and no network: what one fsynced transaction costs here.
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { percentilesOf } from "../measure/measurement.ts";
import { payloadOf } from "../measure/payload.ts";
import { runInFlight } from "../measure/run-in-flight.ts";
import { admits } from "../measure/settings.ts";
import type { Subject } from "../measure/subject.ts";

export const sqliteFloor: Subject = {
  name: "sqlite",
  durability: "WAL with synchronous=FULL: the log is fsynced at each commit.",
  missing: () => null,
  async measure(dir, settings, report) {
    const database = new DatabaseSync(join(dir, "floor.sqlite"));
    try {
      database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
      database.exec("CREATE TABLE tasks (seq INTEGER PRIMARY KEY, payload TEXT NOT NULL)");
      const insert = database.prepare("INSERT INTO tasks (payload) VALUES (?)");
      const payload = payloadOf(0, settings.payloadBytes);
      for (const rows of [1, 100]) {
        const workload = `raw SQLite, ${rows} row${rows === 1 ? "" : "s"} a transaction`;
        if (!admits(settings, workload)) continue;
        const load = {
          inFlight: 1,
          maxOperations: settings.maxTasks / rows,
          operation: (): Promise<number> => {
            database.exec("BEGIN");
            for (let row = 0; row < rows; row += 1) insert.run(payload);
            database.exec("COMMIT");
            return Promise.resolve(rows);
          },
        };
        await runInFlight({ ...load, maxMs: settings.warmUpMs });
        const { latenciesMs, ...run } = await runInFlight({ ...load, maxMs: settings.measureMs });
        report({ workload, ...run, latency: percentilesOf(latenciesMs) });
      }
      return `SQLite ${process.versions["sqlite"]} in Node ${process.version}`;
    } finally {
      database.close();
    }
  },
};
