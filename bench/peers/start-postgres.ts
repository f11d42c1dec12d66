// A PostgreSQL of its own for pg-boss and for graphile-worker: initdb in the data directory, Debian's
// defaults untouched, so fsync and synchronous_commit are on and a commit is on disk before its answer.
import { spawnSync } from "node:child_process";
import { chownSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "pg";
import { findProgram, missingProgram } from "../measure/find-program.ts";
import { freePort } from "../measure/free-port.ts";
import { programVersion } from "../measure/program-version.ts";
import { startServer } from "../measure/start-server.ts";

const debianPlaces = "/usr/lib/postgresql/*/bin";
/** PostgreSQL's error code while it starts up or shuts down. */
const cannotConnectNow = "57P03";
const postgres = findProgram("postgres", debianPlaces);
const initdb = findProgram("initdb", debianPlaces);

export const postgresDurability =
  "PostgreSQL defaults, synchronous_commit on: the write-ahead log is flushed before the commit is answered.";
export const missingPostgres = (): string | null => missingProgram("postgresql", postgres, initdb);

export interface Postgres {
  readonly url: string;
  readonly version: string;
  stop(): Promise<void>;
}

export async function startPostgres(dir: string): Promise<Postgres> {
  if (postgres === null || initdb === null) throw new Error("postgresql is missing");
  const data = join(dir, "postgres");
  mkdirSync(data, { mode: 0o700 });
  // PostgreSQL refuses to run as root.
  const owner = process.getuid?.() === 0 ? ownerNamed("postgres") : undefined;
  if (owner) chownSync(data, owner.uid, owner.gid);
  const args = ["-D", data, "-A", "trust", "-U", "bench", "-E", "UTF8", "--locale=C", "--no-instructions"];
  const made = spawnSync(initdb, args, { ...owner, cwd: data, encoding: "utf8", timeout: 60_000 });
  if (made.status !== 0) throw new Error(`initdb failed: ${made.stderr}`);
  const port = await freePort();
  const server = await startServer({
    command: postgres,
    args: ["-D", data, "-p", String(port), "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="],
    port,
    logFile: join(dir, "postgres.log"),
    owner,
    cwd: data,
    // "Fast shutdown" in PostgreSQL's words: do not wait for clients.
    stopSignal: "SIGINT",
  });
  const url = `postgres://bench@127.0.0.1:${port}/postgres`;
  await untilReady(url);
  return {
    url,
    version: `PostgreSQL ${programVersion(postgres, ["--version"])}`,
    stop: () => server.stop(),
  };
}

/** Its port is open some time before it takes connections: until then it refuses them with a code of its own. */
async function untilReady(url: string): Promise<void> {
  const deadline = performance.now() + 30_000;
  for (;;) {
    const client = new Client({ connectionString: url });
    try {
      await client.connect();
      await client.end();
      return;
    } catch (error) {
      const isStarting = (error as { code?: string }).code === cannotConnectNow;
      if (!isStarting || performance.now() > deadline) throw error;
      await sleep(25);
    }
  }
}

function ownerNamed(user: string): { uid: number; gid: number } {
  const entry = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .map((line) => line.split(":"))
    .find(([name]) => name === user);
  if (!entry) throw new Error(`expected a user ${user} to run PostgreSQL as, found none`);
  return { uid: Number(entry[2]), gid: Number(entry[3]) };
}
