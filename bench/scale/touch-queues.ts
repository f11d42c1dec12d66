// Thousands of queues touched in one run: each is created by its first task, which is claimed and acked.
import { processMemory, type ProcessMemory } from "../edgeq/process-memory.ts";
import { QueueHttp } from "../edgeq/queue-http.ts";
import type { Edgeq } from "../edgeq/start-edgeq.ts";
import { taskJson } from "../edgeq/task-json.ts";
import { httpClient } from "../measure/http-client.ts";
import { percentilesOf, type Percentiles } from "../measure/measurement.ts";
import { payloadOf } from "../measure/payload.ts";
import { runInFlight } from "../measure/run-in-flight.ts";
import { payloadBytes } from "./fill-backlog.ts";

export interface ManyQueues {
  readonly queues: number;
  readonly elapsedMs: number;
  /** Of a queue's whole life: three requests, its creation in the first. */
  readonly latency: Percentiles;
  readonly before: ProcessMemory;
  readonly after: ProcessMemory;
}

const inFlight = 32;

export async function touchQueues(edgeq: Edgeq, queues: number): Promise<ManyQueues> {
  const task = taskJson(payloadOf(0, payloadBytes));
  const before = await processMemory(edgeq);
  let next = 0;
  // One client for all, since opening 5,000 connections is not what is measured.
  const client = httpClient(edgeq.url, inFlight);
  const { elapsedMs, latenciesMs, operations } = await runInFlight({
    inFlight,
    maxMs: Number.POSITIVE_INFINITY,
    maxOperations: queues,
    operation: async () => {
      const queue = new QueueHttp(client, `many-${next++}`);
      await queue.enqueue([task]);
      const tasks = await queue.claim(1);
      await queue.ack(tasks);
      return tasks.length;
    },
  });
  if (operations !== queues) throw new Error(`expected ${queues} queues, found tasks in ${operations}`);
  const after = await processMemory(edgeq);
  await client.close();
  return { queues, elapsedMs, latency: percentilesOf(latenciesMs), before, after };
}

/** How soon so many objects are there that do nothing but insert a row each: what the platform takes for it. */
export async function touchObjects(origin: string, objects: number): Promise<number> {
  const client = httpClient(origin, inFlight);
  let next = 0;
  const { elapsedMs } = await runInFlight({
    inFlight,
    maxMs: Number.POSITIVE_INFINITY,
    maxOperations: objects,
    operation: async () => {
      const { status } = await client.send("POST", `/insert?object=many-${next++}`, payloadOf(0, payloadBytes));
      if (status !== 200) throw new Error(`expected 200, found ${status}`);
      return 1;
    },
  });
  await client.close();
  return elapsedMs;
}
