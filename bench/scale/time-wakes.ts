// Waking up: workerd is started again on the same state, and the first requests to a queue are timed beside
// those to an empty one in the same process, with what the process then holds in memory.
import { processMemory, type ProcessMemory } from "../edgeq/process-memory.ts";
import { QueueHttp } from "../edgeq/queue-http.ts";
import { probeMain, startEdgeq } from "../edgeq/start-edgeq.ts";
import { taskJson } from "../edgeq/task-json.ts";
import { payloadOf } from "../measure/payload.ts";
import { median } from "../measure/summarize.ts";
import { payloadBytes } from "./fill-backlog.ts";
import type { Backlog } from "./backlogs.ts";

/** One before to compile the code, one timed before and one after the queue in question. */
export const emptyQueues = ["empty-first", "empty-before", "empty-after"] as const;

export interface Wake {
  /** The first request: an enqueue, until its answer. */
  readonly wakeMs: number;
  /** The claim that follows it. */
  readonly firstClaimMs: number;
  /** The same of an empty queue. */
  readonly emptyWakeMs: number;
  readonly emptyFirstClaimMs: number;
  /** What the queue added to the process. */
  readonly added: ProcessMemory;
  readonly total: ProcessMemory;
}

export interface BacklogWake extends Wake {
  readonly backlog: Backlog;
}

/** Medians of so many restarts. */
export async function timeWakes(dir: string, backlog: Backlog, times: number): Promise<BacklogWake> {
  const wakes: Wake[] = [];
  for (let time = 0; time < times; time += 1) wakes.push(await timeWake(dir, backlog.queue));
  const of = (read: (wake: Wake) => number): number => median(wakes.map(read));
  return {
    backlog,
    wakeMs: of((wake) => wake.wakeMs),
    firstClaimMs: of((wake) => wake.firstClaimMs),
    emptyWakeMs: of((wake) => wake.emptyWakeMs),
    emptyFirstClaimMs: of((wake) => wake.emptyFirstClaimMs),
    added: {
      residentBytes: of((wake) => wake.added.residentBytes),
      heapBytes: of((wake) => wake.added.heapBytes),
    },
    total: {
      residentBytes: of((wake) => wake.total.residentBytes),
      heapBytes: of((wake) => wake.total.heapBytes),
    },
  };
}

async function timeWake(dir: string, name: string): Promise<Wake> {
  const edgeq = await startEdgeq({ dir, main: probeMain, isInspected: true });
  try {
    const [first, before, after] = emptyQueues;
    await wakeQueue(edgeq.url, first);
    const emptyBefore = await wakeQueue(edgeq.url, before);
    const memoryBefore = await processMemory(edgeq);
    const own = await wakeQueue(edgeq.url, name);
    const total = await processMemory(edgeq);
    const emptyAfter = await wakeQueue(edgeq.url, after);
    return {
      wakeMs: own.wakeMs,
      firstClaimMs: own.firstClaimMs,
      emptyWakeMs: (emptyBefore.wakeMs + emptyAfter.wakeMs) / 2,
      emptyFirstClaimMs: (emptyBefore.firstClaimMs + emptyAfter.firstClaimMs) / 2,
      added: {
        residentBytes: total.residentBytes - memoryBefore.residentBytes,
        heapBytes: total.heapBytes - memoryBefore.heapBytes,
      },
      total,
    };
  } finally {
    await edgeq.stop();
  }
}

/** An enqueue first: it writes a row whatever the queue holds, so that an empty queue does the same work. */
export async function wakeQueue(origin: string, name: string): Promise<{ wakeMs: number; firstClaimMs: number }> {
  const queue = QueueHttp.open(origin, name, 1);
  const from = performance.now();
  await queue.enqueue([taskJson(payloadOf(0, payloadBytes))]);
  const awakeAt = performance.now();
  const tasks = await queue.claim(1);
  const claimedAt = performance.now();
  await queue.ack(tasks);
  await queue.close();
  return { wakeMs: awakeAt - from, firstClaimMs: claimedAt - awakeAt };
}
