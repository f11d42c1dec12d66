// Tasks that belong to keys, one of a key at a time and in order: what that costs beside the same queue without keys, whether a
// limit is ever passed, what one flooding key does to the others, and what a claim costs when very many keys are at their limit.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { QueueHttp } from "../edgeq/queue-http.ts";
import { probeMain } from "../edgeq/start-edgeq.ts";
import { taskJson } from "../edgeq/task-json.ts";
import { withEdgeq } from "../edgeq/with-edgeq.ts";
import { inMs, perSecond, type Goal } from "../goals/goal.ts";
import { CallTimer } from "../scale/call-timer.ts";
import { floodScenario } from "./flood.ts";
import { KeyWatch } from "./key-watch.ts";
import { keyedEdgeq, oneAtATime } from "./keyed-edgeq.ts";
import { keyedGraphileWorker } from "./keyed-graphile-worker.ts";
import { keyedPgBoss } from "./keyed-pg-boss.ts";
import { keyedPayload, type KeyedQueue, type KeyedSubject, type KeyedTask } from "./keyed-queue.ts";
import type { Scenario, ScenarioRun, ScenarioResult } from "./scenario.ts";

const subjects: readonly KeyedSubject[] = [keyedEdgeq, ...keyedPgBoss, keyedGraphileWorker];
const keys = 1_000;
const batch = 1_000;
/** A subject that is not done by then is measured by what it has done. */
const limitMs = 60_000;

export const keysScenario: Scenario = { name: "keys", run: runKeys };

async function runKeys(run: ScenarioRun): Promise<ScenarioResult> {
  const parts = [await compareSubjects(run), await floodScenario(run), await claimBesideLimited(run)];
  return {
    tables: parts.flatMap(({ tables }) => tables),
    goals: parts.flatMap(({ goals }) => goals),
    skipped: parts.flatMap(({ skipped }) => skipped),
  };
}

async function compareSubjects(run: ScenarioRun): Promise<ScenarioResult> {
  const tasks = run.isQuick ? 5_000 : 100_000;
  const rows: string[][] = [];
  const goals: Goal[] = [];
  const skipped: string[] = [];
  for (const [index, subject] of subjects.entries()) {
    const missing = subject.missing();
    if (missing !== null) {
      skipped.push(`${subject.name}: ${missing}`);
      continue;
    }
    const place = join(run.dir, `keys-${index}`);
    mkdirSync(place);
    const running = await subject.start(place);
    try {
      // Warms up, and is the figure to compare with.
      const plain = await rateOf(await running.open("plain", false), tasks);
      run.say(`${subject.name}, without keys: ${perSecond(plain.rate)}`);
      const queue = await running.open("keyed", true);
      if (typeof queue === "string") {
        skipped.push(`${subject.name} with keys: ${queue}`);
        rows.push([subject.name, perSecond(plain.rate), "", "", "", ""]);
        continue;
      }
      const { rate, watch } = await rateOf(queue, tasks);
      run.say(`${subject.name}, with keys: ${perSecond(rate)}`);
      const counts = [watch.longestOvershoot, watch.orderViolations];
      rows.push([
        subject.name,
        ...[plain.rate, rate].map(perSecond),
        (rate / plain.rate).toFixed(2),
        ...counts.map(String),
      ]);
      if (subject === keyedEdgeq) goals.push(...goalsOf(plain.rate, rate, watch));
    } finally {
      await running.stop();
    }
  }
  const title = `${tasks.toLocaleString("en-US")} tasks of ${keys.toLocaleString("en-US")} keys, one of a key at a time`;
  const head = ["", "without keys", "with keys", "ratio", "longest overshoot", "out of order"];
  return { tables: [{ title, head, rows }], goals, skipped };
}

function goalsOf(plain: number, keyed: number, watch: KeyWatch): Goal[] {
  const figures = `${perSecond(keyed)} of ${perSecond(plain)}`;
  const none = { atMost: 0 };
  return [
    { what: "with keys, over sockets", beside: "without", figures, reached: keyed / plain, wanted: { atLeast: 0.7 } },
    { what: "longest overshoot of a key", beside: "", figures: "", reached: watch.longestOvershoot, wanted: none },
    { what: "tasks of a key out of order", beside: "", figures: "", reached: watch.orderViolations, wanted: none },
  ];
}

/** Tasks are there before the clock starts; a handler keeps each for a turn, so that what overlaps is seen to. */
async function rateOf(queue: KeyedQueue | string, tasks: number): Promise<{ rate: number; watch: KeyWatch }> {
  if (typeof queue === "string") throw new Error(`expected a queue without keys, found: ${queue}`);
  for (let next = 0; next < tasks; next += batch) {
    const some = Array.from({ length: Math.min(batch, tasks - next) }, (_, index): KeyedTask => {
      const number = next + index;
      return { key: number % keys, number };
    });
    await queue.enqueue(some);
  }
  const watch = new KeyWatch();
  const startedAt = performance.now();
  let doneAt = startedAt;
  let finish: (() => void) | null = null;
  const finished = new Promise<void>((resolve) => (finish = resolve));
  const limit = setTimeout(() => finish?.(), limitMs);
  const consumer = await queue.consume(async (task) => {
    watch.begin(task);
    await nextTurn();
    watch.end(task);
    doneAt = performance.now();
    if (watch.handled === tasks) finish?.();
  });
  await finished;
  clearTimeout(limit);
  const rate = (watch.handled / (doneAt - startedAt)) * 1000;
  await consumer.stop();
  await queue.close();
  return { rate, watch };
}

function claimBesideLimited(run: ScenarioRun): Promise<ScenarioResult> {
  // A queue knows 100,000 keys at one time: a few places are for those that are free.
  const limited = run.isQuick ? 5_000 : 99_000;
  const what = `claim with ${limited.toLocaleString("en-US")} keys at their limit`;
  return withEdgeq({ dir: join(run.dir, "limited"), main: probeMain }, async ({ url }) => {
    const rows: string[][] = [];
    const reads: number[] = [];
    for (const count of [0, limited]) {
      const name = `limited-${count}`;
      const queue = QueueHttp.open(url, name, 4);
      const lacking = await queue.configure(oneAtATime);
      if (lacking !== null) {
        await queue.close();
        return { tables: [], goals: [], skipped: [`${what}: ${lacking}`] };
      }
      const timer = new CallTimer<"claim">(url, name);
      await limitKeys(queue, count);
      for (let cycle = -3; cycle < 30; cycle += 1) {
        await queue.enqueue([keyedJson(`free-${cycle}`)]);
        const claimed = await timer.time("claim", cycle >= 0, () => queue.claim(1));
        if (claimed.length !== 1) throw new Error("expected the task of a key that is free");
        await queue.ack(claimed);
      }
      const { latency, rowsRead, mostRowsRead } = timer.costOf("claim");
      reads.push(rowsRead);
      rows.push([count.toLocaleString("en-US"), inMs(latency.p50Ms), `${rowsRead.toFixed(1)} (${mostRowsRead})`]);
      await Promise.all([queue.close(), timer.close()]);
    }
    const [free = 1, full = 0] = reads;
    const figures = `${full.toFixed(1)} of ${free.toFixed(1)} rows read`;
    return {
      tables: [{ title: "A claim of one", head: ["keys at their limit", "p50", "rows read (most)"], rows }],
      goals: [{ what, beside: "none", figures, reached: full / free, wanted: { atMost: 1.2 } }],
      skipped: [],
    };
  });
}

const keyedJson = (key: string): string => taskJson(keyedPayload({ key: 0, number: 0 }), `,"key":"${key}"`);

/** Two tasks a key: one claimed for hours, one that waits for it. */
async function limitKeys(queue: QueueHttp, count: number): Promise<void> {
  for (let from = 0; from < count; from += batch / 2) {
    const some = Array.from({ length: batch / 2 }, (_, index) => keyedJson(`limited-${from + index}`));
    await queue.enqueue([...some, ...some]);
    for (let claimed = 0; claimed < some.length;) {
      const tasks = await queue.claim(100, { claimTimeoutMs: 10_800_000 });
      if (tasks.length === 0) throw new Error(`expected ${some.length} keys to be offered, found ${claimed}`);
      claimed += tasks.length;
    }
  }
}
