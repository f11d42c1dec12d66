// NATS JetStream: a work-queue stream in file storage and a durable pull consumer with explicit acks.
// Its documents advise `sync_interval: always` to fsync each write; servers before 2.10, among them
// Debian 12's, refuse that setting and fsync every 2 minutes, which the name and the sentence then say.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import {
  AckPolicy,
  jetstream,
  jetstreamManager,
  RetentionPolicy,
  StorageType,
  type Consumer as PullConsumer,
  type JetStreamClient,
  type JetStreamManager,
} from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { findProgram, missingProgram } from "../measure/find-program.ts";
import { freePort } from "../measure/free-port.ts";
import { packageVersion } from "../measure/package-version.ts";
import { programVersion } from "../measure/program-version.ts";
import { startServer } from "../measure/start-server.ts";
import type { Claimer, Consumer, Peer, PeerQueue, RunningPeer } from "./peer.ts";

const program = findProgram("nats-server");
const isSyncable = program !== null && acceptsConfig(program, "jetstream { sync_interval: always }\n");
const consumerName = "worker";

export const natsJetstream: Peer = {
  name: isSyncable || program === null ? "nats-fsync" : "nats-no-fsync",
  durability: isSyncable
    ? "File storage with sync_interval always: fsynced at each write before the publish is answered."
    : "Written to the page cache, fsynced every 2 minutes: this server knows no sync_interval. Survives kill -9 but not a power cut.",
  missing: () => missingProgram("nats-server", program),
  async start(dir): Promise<RunningPeer> {
    if (program === null) throw new Error("nats-server is missing");
    const port = await freePort();
    const config = join(dir, "nats.conf");
    const sync = isSyncable ? ", sync_interval: always" : "";
    writeFileSync(
      config,
      `listen: "127.0.0.1:${port}"\njetstream { store_dir: ${JSON.stringify(join(dir, "jetstream"))}${sync} }\n`,
    );
    const server = await startServer({ command: program, args: ["-c", config], port, logFile: join(dir, "nats.log") });
    const connection = await connect({ servers: `127.0.0.1:${port}` });
    const manager = await jetstreamManager(connection);
    const client = jetstream(connection);
    return {
      version: `NATS ${programVersion(program, ["--version"])}, @nats-io/jetstream ${packageVersion("@nats-io/jetstream")}`,
      openQueue: (name) => openQueue(manager, client, name),
      async stop() {
        await connection.close();
        await server.stop();
      },
    };
  },
};

async function openQueue(manager: JetStreamManager, client: JetStreamClient, name: string): Promise<PeerQueue> {
  await manager.streams.add({
    name,
    subjects: [name],
    storage: StorageType.File,
    retention: RetentionPolicy.Workqueue,
  });
  // -1: no limit on unacked messages; the default of 1,000 would stall 8 claimers of 100.
  await manager.consumers.add(name, {
    durable_name: consumerName,
    ack_policy: AckPolicy.Explicit,
    max_ack_pending: -1,
  });
  const pull = await client.consumers.get(name, consumerName);
  return {
    async enqueueOne(payload) {
      await client.publish(name, payload);
    },
    // Publishes are pipelined and each is answered: JetStream's "asynchronous publish".
    async enqueueMany(payloads) {
      await Promise.all(payloads.map((payload) => client.publish(name, payload)));
    },
    claimSizes: [1, 10, 100],
    openClaimer: (size) => Promise.resolve(claimerOf(pull, size)),
    consume: (handle) => consume(pull, handle),
    async close() {
      await manager.streams.delete(name);
    },
  };
}

function claimerOf(pull: PullConsumer, size: number): Claimer {
  return {
    async claimAndAck() {
      const acks: Promise<boolean>[] = [];
      // 1 s is the least that the client allows; only the last claim of a backlog waits for it.
      for await (const message of await pull.fetch({ max_messages: size, expires: 1_000 })) acks.push(message.ackAck());
      await Promise.all(acks);
      return acks.length;
    },
    close: () => Promise.resolve(),
  };
}

async function consume(pull: PullConsumer, handle: (payload: string) => void): Promise<Consumer> {
  const messages = await pull.consume({ max_messages: 1_000 });
  const reading = (async (): Promise<void> => {
    for await (const message of messages) {
      handle(message.string());
      message.ack();
    }
  })();
  return {
    async allAcked() {
      for (;;) {
        const { num_ack_pending: unacked, num_pending: waiting } = await pull.info();
        if (unacked + waiting === 0) return;
        await sleep(2);
      }
    },
    async stop() {
      await messages.close();
      await reading;
    },
  };
}

/** `nats-server -t` tests a configuration and exits. */
function acceptsConfig(server: string, config: string): boolean {
  const dir = mkdtempSync(join(tmpdir(), "edgeq-bench-nats-"));
  try {
    writeFileSync(join(dir, "nats.conf"), config);
    return spawnSync(server, ["-t", "-c", join(dir, "nats.conf")], { timeout: 10_000 }).status === 0;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
