// What an enqueue, a claim and a look at the counts cost with a thousand and with a million tasks in each state, with and
// without a limit on the backlog. One call at a time, queue after queue in turn; rows read are exact.
import { join } from "node:path";
import { QueueHttp } from "../edgeq/queue-http.ts";
import { probeMain } from "../edgeq/start-edgeq.ts";
import { taskJson } from "../edgeq/task-json.ts";
import { withEdgeq } from "../edgeq/with-edgeq.ts";
import { inMs, type Goal } from "../goals/goal.ts";
import { payloadOf } from "../measure/payload.ts";
import { CallTimer } from "../scale/call-timer.ts";
import { payloadBytes } from "../scale/fill-backlog.ts";
import { fillState, states, type State } from "./fill-state.ts";
import type { Scenario, ScenarioRun, ScenarioResult } from "./scenario.ts";

const operations = ["enqueue", "claim", "stats"] as const;
type Operation = (typeof operations)[number];

/** Above all that is put in, so that it is checked and never reached. */
const maxBacklog = 50_000_000;
const wantedRatio = 1.2;
const task = taskJson(payloadOf(0, payloadBytes));

interface StateQueue {
  readonly state: State;
  readonly tasks: number;
  readonly isLimited: boolean;
  readonly queue: QueueHttp;
  readonly timer: CallTimer<Operation>;
}

export const statesScenario: Scenario = { name: "scale", run: runStates };

function runStates(run: ScenarioRun): Promise<ScenarioResult> {
  const few = 1_000;
  const many = run.isQuick ? 20_000 : 1_000_000;
  return withEdgeq({ dir: join(run.dir, "states"), main: probeMain }, async ({ url }) => {
    const queues: StateQueue[] = [];
    const skipped: string[] = [];
    for (const state of states) {
      for (const tasks of [few, Math.min(many, state === "claimed" ? 100_000 : many)]) {
        for (const isLimited of [false, true]) {
          const name = `${state}-${tasks}-${isLimited ? "limited" : "free"}`;
          const queue = QueueHttp.open(url, name, 4);
          // Longer than the bench: what is remembered stays remembered, what is claimed stays claimed.
          const settings = { dedupeMs: 86_400_000, ...(isLimited ? { maxBacklog } : {}) };
          const lacking = await queue.configure(settings);
          if (lacking !== null) {
            skipped.push(`${name}: ${lacking}`);
            await queue.close();
            continue;
          }
          const from = performance.now();
          await fillState(queue, state, tasks);
          run.say(`${name} filled in ${((performance.now() - from) / 1000).toFixed(1)} s`);
          queues.push({ state, tasks, isLimited, queue, timer: new CallTimer(url, name) });
        }
      }
    }
    const cycles = run.isQuick ? 10 : 60;
    // The first cycles compile the code.
    for (let cycle = -3; cycle < cycles; cycle += 1) {
      for (const queue of queues) await timeOnce(queue, cycle >= 0);
    }
    await Promise.all(queues.flatMap(({ queue, timer }) => [queue.close(), timer.close()]));
    return { ...report(queues), skipped };
  });
}

/** Leaves the queue as long as it was. */
async function timeOnce({ queue, timer }: StateQueue, isCounted: boolean): Promise<void> {
  await timer.time("enqueue", isCounted, () => queue.enqueue([task]));
  const claimed = await timer.time("claim", isCounted, () => queue.claim(1));
  await timer.time("stats", isCounted, () => queue.look());
  await queue.ack(claimed);
}

function report(queues: readonly StateQueue[]): Omit<ScenarioResult, "skipped"> {
  const rows = queues.map(({ state, tasks, isLimited, timer }) => [
    `${tasks.toLocaleString("en-US")} ${state}`,
    isLimited ? "maxBacklog" : "",
    ...operations.map((operation) => {
      const { latency, rowsRead, mostRowsRead } = timer.costOf(operation);
      return `${inMs(latency.p50Ms)}, ${rowsRead.toFixed(1)} (${mostRowsRead})`;
    }),
  ]);
  const goals = queues.flatMap((few): Goal[] => {
    const many = queues.find(
      (other) => other.state === few.state && other.isLimited === few.isLimited && other.tasks > few.tasks,
    );
    return many === undefined ? [] : operations.flatMap((operation) => goalsOf(operation, few, many));
  });
  const head = ["", "", ...operations.map((operation) => `${operation}: p50, rows read (most)`)];
  return { tables: [{ title: "One call, by the tasks in a state", head, rows }], goals };
}

function goalsOf(operation: Operation, few: StateQueue, many: StateQueue): Goal[] {
  const small = few.timer.costOf(operation);
  const large = many.timer.costOf(operation);
  const limit = few.isLimited ? ", maxBacklog" : "";
  const beside = `${few.tasks.toLocaleString("en-US")} ${few.state}`;
  const what = `${operation} with ${many.tasks.toLocaleString("en-US")} ${many.state}${limit}`;
  const wanted = { atMost: wantedRatio };
  return [
    {
      what: `${what}, p50`,
      beside,
      figures: `${inMs(large.latency.p50Ms)} of ${inMs(small.latency.p50Ms)}`,
      reached: large.latency.p50Ms / small.latency.p50Ms,
      wanted,
    },
    {
      what: `${what}, rows read`,
      beside,
      figures: `${large.rowsRead.toFixed(1)} of ${small.rowsRead.toFixed(1)}`,
      // None of none is as much.
      reached: large.rowsRead === small.rowsRead ? 1 : large.rowsRead / Math.max(small.rowsRead, 1),
      wanted,
    },
  ];
}
