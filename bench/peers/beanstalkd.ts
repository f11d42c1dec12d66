// beanstalkd with its write-ahead log fsynced at each write (`-b dir -f 0`, from its own manual page).
// It has no command for many tasks; what it offers is many connections and pipelining on each.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { findProgram, missingProgram } from "../measure/find-program.ts";
import { freePort } from "../measure/free-port.ts";
import { programVersion } from "../measure/program-version.ts";
import { startServer } from "../measure/start-server.ts";
import { BeanstalkdClient } from "./beanstalkd-client.ts";
import type { Claimer, Consumer, Peer, PeerQueue, RunningPeer } from "./peer.ts";

const program = findProgram("beanstalkd");
const timeToRunSeconds = 60;
/** Connections that put: as many as puts are in flight. 1, 4 and 64 gave 7,000, 6,500 and 8,000 puts/s in single short runs. */
const producers = 64;
/** Consumers that each hold one connection, reserve, handle and delete: beanstalkd's own way to work in parallel. 4 and 64 do the same. */
const consumers = 16;

export const beanstalkd: Peer = {
  name: "beanstalkd-fsync",
  durability: "Write-ahead log with -f 0: fsynced at each put and delete before its answer.",
  missing: () => missingProgram("beanstalkd", program),
  async start(dir): Promise<RunningPeer> {
    if (program === null) throw new Error("beanstalkd is missing");
    const port = await freePort();
    const log = join(dir, "binlog");
    mkdirSync(log);
    const server = await startServer({
      command: program,
      args: ["-l", "127.0.0.1", "-p", String(port), "-b", log, "-f", "0"],
      port,
      logFile: join(dir, "beanstalkd.log"),
    });
    return {
      version: `beanstalkd ${programVersion(program, ["-v"])}`,
      openQueue: (name) => openTube(name, port),
      stop: () => server.stop(),
    };
  },
};

async function openTube(tube: string, port: number): Promise<PeerQueue> {
  const open = async (): Promise<BeanstalkdClient> => {
    const client = await BeanstalkdClient.connect(port);
    await client.useOnly(tube);
    return client;
  };
  const clients = await Promise.all(Array.from({ length: producers }, open));
  let turn = 0;
  return {
    async enqueueOne(payload) {
      await clients[turn++ % producers]?.put(payload, timeToRunSeconds);
    },
    enqueueMany: null,
    claimSizes: [1],
    openClaimer: async () => claimerOf(await open()),
    consume: async (handle) => consume(await Promise.all(Array.from({ length: consumers }, open)), handle),
    async close() {
      for (const client of clients) client.close();
    },
  };
}

function claimerOf(client: BeanstalkdClient): Claimer {
  return {
    async claimAndAck() {
      const task = await client.reserve(0);
      if (task === null) return 0;
      await client.delete(task.id);
      return 1;
    },
    async close() {
      client.close();
    },
  };
}

async function consume(clients: readonly BeanstalkdClient[], handle: (payload: string) => void): Promise<Consumer> {
  let stopping = false;
  const isStopping = (): boolean => stopping;
  let inHand = 0;
  let settle: (() => void) | null = null;
  const work = async (client: BeanstalkdClient): Promise<void> => {
    while (!isStopping()) {
      const task = await client.reserve(1);
      if (task === null) continue;
      inHand += 1;
      handle(task.payload);
      await client.delete(task.id);
      inHand -= 1;
      if (inHand === 0) settle?.();
    }
    client.close();
  };
  const loops = clients.map(work);
  return {
    async allAcked() {
      if (inHand > 0) await new Promise<void>((resolve) => (settle = resolve));
    },
    async stop() {
      stopping = true;
      await Promise.all(loops);
    },
  };
}
