// From one consumer to a thousand on one queue: what they do together, each taking one task at a time, by
// long polls and by sockets with a credit of one; and how soon one of them has a task when all wait.
import { setTimeout as sleep } from "node:timers/promises";
import { QueueHttp } from "../edgeq/queue-http.ts";
import { QueueSocket } from "../edgeq/queue-socket.ts";
import { taskJson } from "../edgeq/task-json.ts";
import { percentilesOf, type Percentiles } from "../measure/measurement.ts";
import { payloadOf } from "../measure/payload.ts";
import { payloadBytes } from "./fill-backlog.ts";

export interface ConsumersRun {
  readonly way: "http" | "socket";
  readonly consumers: number;
  readonly tasksPerSecond: number;
  /** From the enqueue call to a consumer, all of them idle. */
  readonly delivery: Percentiles;
}

const deliveries = 100;
const waitMs = 5_000;
/** Unclaimed tasks that producers keep ready, so that no consumer waits for them. */
const ahead = 4_000;
const batch = 500;

export async function runConsumers(
  origin: string,
  way: "http" | "socket",
  consumers: number,
  ms: number,
): Promise<ConsumersRun> {
  const name = `consumers-${way}-${consumers}`;
  const producer = QueueHttp.open(origin, name, 2);
  const task = taskJson(payloadOf(0, payloadBytes));
  const many = Array.from({ length: batch }, () => task);
  let handled = 0;
  let arrived: (() => void) | null = null;
  const handle = (): void => {
    handled += 1;
    arrived?.();
  };
  const group =
    way === "http" ? pollers(origin, name, consumers, handle) : await sockets(origin, name, consumers, handle);

  let enqueued = 0;
  const waiting = (): number => enqueued - handled;
  const startedAt = performance.now();
  while (performance.now() - startedAt < ms) {
    if (waiting() > ahead) await sleep(2);
    else {
      await producer.enqueue(many);
      enqueued += batch;
    }
  }
  const tasksPerSecond = (handled / (performance.now() - startedAt)) * 1000;
  while (waiting() > 0) await sleep(5);

  const latenciesMs: number[] = [];
  for (let delivery = 0; delivery < deliveries; delivery += 1) {
    await sleep(5 + Math.random() * 10);
    const delivered = new Promise<void>((resolve) => (arrived = resolve));
    const from = performance.now();
    await Promise.all([delivered.then(() => latenciesMs.push(performance.now() - from)), producer.enqueue([task])]);
  }
  await group.stop();
  await producer.close();
  return { way, consumers, tasksPerSecond, delivery: percentilesOf(latenciesMs) };
}

interface Group {
  stop(): Promise<void>;
}

function pollers(origin: string, name: string, consumers: number, handle: () => void): Group {
  const queue = QueueHttp.open(origin, name, consumers);
  let stopping = false;
  const isStopping = (): boolean => stopping;
  const poll = async (): Promise<void> => {
    while (!isStopping()) {
      const tasks = await queue.claim(1, { waitMs });
      if (tasks.length === 0) continue;
      handle();
      await queue.ack(tasks);
    }
  };
  const loops = Array.from({ length: consumers }, poll);
  return {
    async stop() {
      stopping = true;
      await Promise.all(loops);
      await queue.close();
    },
  };
}

async function sockets(origin: string, name: string, consumers: number, handle: () => void): Promise<Group> {
  const open: QueueSocket[] = [];
  const acking = new Set<Promise<void>>();
  // A few at a time: a thousand handshakes at once overrun the listening socket's queue.
  for (let from = 0; from < consumers; from += 32) {
    const some = Array.from({ length: Math.min(32, consumers - from) }, () => QueueSocket.open(origin, name));
    open.push(...(await Promise.all(some)));
  }
  const grant = (socket: QueueSocket): Promise<void> =>
    socket.grant(1, (tasks) => {
      handle();
      const ack = socket.ack(tasks).then(() => void acking.delete(ack));
      acking.add(ack);
    });
  await Promise.all(open.map(grant));
  return {
    async stop() {
      // One that was refused is still among them.
      await Promise.all(acking);
      await Promise.all(open.map((socket) => socket.close()));
    },
  };
}
