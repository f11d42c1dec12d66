// Brings a queue to its backlog, a thousand tasks a call.
import { QueueHttp } from "../edgeq/queue-http.ts";
import { taskJson } from "../edgeq/task-json.ts";
import { payloadOf } from "../measure/payload.ts";
import { runInFlight } from "../measure/run-in-flight.ts";
import { optionsOf, type Backlog } from "./backlogs.ts";

export const payloadBytes = 100;
const batch = 1_000;
const callsInFlight = 4;
/** Longer than the bench. */
const awayMs = 3 * 3_600_000;

export async function fillBacklog(
  origin: string,
  { queue: name, layout, ready, inFlight, delayed }: Backlog,
): Promise<void> {
  const queue = QueueHttp.open(origin, name, callsInFlight);
  await fill(queue, ready + inFlight, optionsOf[layout]);
  await fill(queue, delayed, `,"delayMs":${awayMs}`);
  for (let claimed = 0; claimed < inFlight;) {
    const tasks = await queue.claim(Math.min(100, inFlight - claimed), { claimTimeoutMs: awayMs });
    if (tasks.length === 0) throw new Error(`${name}: expected ${inFlight} tasks to claim, found ${claimed}`);
    claimed += tasks.length;
  }
  await queue.close();
}

async function fill(queue: QueueHttp, tasks: number, options: string): Promise<void> {
  let next = 0;
  await runInFlight({
    inFlight: callsInFlight,
    maxMs: Number.POSITIVE_INFINITY,
    maxOperations: Math.ceil(tasks / batch),
    operation: async () => {
      const count = Math.min(batch, tasks - next);
      const some = Array.from({ length: count }, () => taskJson(payloadOf(next++, payloadBytes), options));
      await queue.enqueue(some);
      return count;
    },
  });
}
