// Something that happens every so often, exactly once each time, with no scheduler to keep alive.

import { Queue } from "edgeq/client";
import { consume, type Consumer } from "edgeq/consumer";

interface Tick {
  readonly schedule: string;
  readonly at: number;
}

const EVERY_MS = 500;
const TICKS = 6;

const url = process.env["EDGEQ_URL"] ?? "http://127.0.0.1:8787";
// A queue of its own for each run of the example.
const ticks = new Queue<Tick>(`ticks-${Date.now()}`, { url });
// Ids are forgotten as soon as their task is done: the schedule does not rest on how long they are remembered.
await ticks.configure({ dedupeMs: 0 });

// The next run is a task that becomes visible at its time. Its id is the schedule and the instant: whoever enqueues it
// again, another worker or a second attempt, finds it there.
const plan = (schedule: string, after: number): Promise<unknown> => {
  const at = nextRunAt(after);
  return ticks.enqueue({ schedule, at }, { id: `${schedule}@${at}`, visibleAt: at });
};

let failures = 0;
const runs: { readonly worker: string; readonly at: number; readonly lateMs: number }[] = [];
const worker = (name: string): Consumer<Tick> =>
  consume(
    async ({ payload: { schedule, at } }) => {
      // First the next one, then the work: a schedule outlives the failure of a run. The next from now on, and never one that may
      // have been done: an attempt that is made again after an hour must not plan the hours between a second time.
      await plan(schedule, Math.max(at, Date.now()));
      if (runs.length === 2 && failures === 0) {
        failures += 1;
        throw new Error("the third run fails, and is tried again a second later");
      }
      runs.push({ worker: name, at, lateMs: Date.now() - at });
    },
    { queue: ticks, waitMs: 2_000, claimTimeoutMs: 5_000, logger: null },
  );

// Two workers, each of which also starts the schedule, as deployments do.
const workers = [worker("one"), worker("two")];
const startedAt = Date.now();
await Promise.all([plan("report", startedAt), plan("report", startedAt)]);
while (runs.length < TICKS) await new Promise((resolve) => setTimeout(resolve, 50));
await Promise.all(workers.map((one) => one.stop()));

for (const { worker: name, at, lateMs } of runs) {
  console.log(`${new Date(at).toISOString()}  run by worker ${name}, ${lateMs} ms late`);
}
const instants = runs.map(({ at }) => at);
if (new Set(instants).size !== instants.length) throw new Error("a tick ran twice");
if (instants.some((at) => at % EVERY_MS !== 0)) throw new Error("a tick is not of the schedule");
if (runs.some(({ lateMs }) => lateMs < 0)) throw new Error("a tick ran early");
console.log(`${runs.length} ticks, each once, none early`);

/** The next full half second. For "every Monday at nine" put a cron parser here: it needs the instant before, and no more. */
function nextRunAt(after: number): number {
  return (Math.floor(after / EVERY_MS) + 1) * EVERY_MS;
}
