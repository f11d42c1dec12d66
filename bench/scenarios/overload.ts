// Twice what a queue can take, over thousands of connections that do not wait for each other: how long the accepted wait, how soon
// the others are refused, and when the queue is itself again. What it can take is measured first, by callers that wait.
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { enqueueBody, taskJson } from "../edgeq/task-json.ts";
import { withEdgeq } from "../edgeq/with-edgeq.ts";
import { inMs, perSecond, type Goal } from "../goals/goal.ts";
import { httpClient, httpConnections, type HttpClient } from "../measure/http-client.ts";
import { percentilesOf } from "../measure/measurement.ts";
import { payloadOf } from "../measure/payload.ts";
import { runInFlight } from "../measure/run-in-flight.ts";
import type { Scenario, ScenarioRun, ScenarioResult } from "./scenario.ts";

const path = "/v1/queues/overload/tasks";
const body = enqueueBody([taskJson(payloadOf(0, 100))]);
const headers = { "content-type": "application/json" };
/** Statuses by which a server says "not now". */
const refusals = new Set([429, 503]);
const tickMs = 10;
/** It is itself again when a second's calls have at most twice the p99 of before. */
const recoveredTimes = 2;
const recoveryLimitMs = 30_000;

interface Outcome {
  readonly kind: "accepted" | "refused" | "failed";
  readonly ms: number;
}

export const overloadScenario: Scenario = { name: "overload", run: runOverload };

function runOverload(run: ScenarioRun): Promise<ScenarioResult> {
  const connections = run.isQuick ? 500 : 4_000;
  const ms = run.isQuick ? 2_000 : 10_000;
  return withEdgeq({ dir: join(run.dir, "overload") }, async ({ url }) => {
    const few = httpClient(url, httpConnections);
    await capacityOf(few, ms / 4);
    const capacity = await capacityOf(few, ms / 2);
    run.say(`takes ${perSecond(capacity)}`);
    const before = await offer(few, httpConnections, capacity / 4, ms / 4);
    const calmMs = percentilesOf(timesOf(before, "accepted")).p99Ms;

    const many = httpClient(url, connections);
    const outcomes = await offer(many, connections, capacity * 2, ms);
    const endedAt = performance.now();
    const recovered = await untilCalm(few, capacity / 4, calmMs);
    const recoveryMs = performance.now() - endedAt;
    await Promise.all([few.close(), many.close()]);

    const rows = (["accepted", "refused", "failed"] as const).map((kind) => {
      const times = timesOf(outcomes, kind);
      const { p50Ms, p99Ms, maxMs } = percentilesOf(times);
      return [kind, String(times.length), ...[p50Ms, p99Ms, maxMs].map(inMs)];
    });
    const title = `${perSecond(capacity * 2)} offered for ${ms / 1000} s over ${connections} connections, twice what it takes, as far as they were free`;
    return {
      tables: [
        { title, head: ["", "calls", "p50", "p99", "longest"], rows },
        {
          title: "Before and after",
          head: ["p99 at a quarter of what it takes", "the same again after"],
          rows: [[inMs(calmMs), recovered ? `${(recoveryMs / 1000).toFixed(1)} s` : "not within 30 s"]],
        },
      ],
      goals: goalsOf(outcomes),
      skipped: timesOf(outcomes, "refused").length === 0 ? ["p99 of the refused: the server refused nothing"] : [],
    };
  });
}

function goalsOf(outcomes: readonly Outcome[]): Goal[] {
  const failed = timesOf(outcomes, "failed").length;
  const figures = `${failed} of ${outcomes.length} calls had no answer, or one that says neither yes nor later`;
  return [{ what: "calls without a clear answer", beside: "", figures, reached: failed, wanted: { atMost: 0 } }];
}

const timesOf = (outcomes: readonly Outcome[], kind: Outcome["kind"]): number[] =>
  outcomes.filter((outcome) => outcome.kind === kind).map(({ ms }) => ms);

/** Enqueues a second by callers that each wait for their answer. */
async function capacityOf(client: HttpClient, ms: number): Promise<number> {
  const { tasks, elapsedMs } = await runInFlight({
    inFlight: httpConnections,
    maxMs: ms,
    maxOperations: Number.POSITIVE_INFINITY,
    operation: async () => {
      const { kind } = await enqueue(client);
      if (kind !== "accepted") throw new Error(`expected 64 callers to be served, one was ${kind}`);
      return 1;
    },
  });
  return (tasks / elapsedMs) * 1000;
}

/** So many calls a second, each made when it is due if a connection is free then, whatever became of those before. */
async function offer(client: HttpClient, connections: number, perSecondDue: number, ms: number): Promise<Outcome[]> {
  const calls: Promise<Outcome>[] = [];
  let open = 0;
  let dropped = 0;
  const startedAt = performance.now();
  for (let elapsedMs = 0; elapsedMs < ms; elapsedMs = performance.now() - startedAt) {
    const due = Math.floor((elapsedMs / 1000) * perSecondDue);
    while (calls.length + dropped < due) {
      if (open === connections) {
        dropped += 1;
        continue;
      }
      open += 1;
      calls.push(enqueue(client).finally(() => (open -= 1)));
    }
    await sleep(tickMs);
  }
  return Promise.all(calls);
}

async function enqueue(client: HttpClient): Promise<Outcome> {
  const from = performance.now();
  const status = await client.send("POST", path, body, headers).then(
    (answer) => answer.status,
    () => null,
  );
  const ms = performance.now() - from;
  if (status === 201) return { kind: "accepted", ms };
  return { kind: status !== null && refusals.has(status) ? "refused" : "failed", ms };
}

async function untilCalm(client: HttpClient, perSecondDue: number, calmMs: number): Promise<boolean> {
  const deadline = performance.now() + recoveryLimitMs;
  while (performance.now() < deadline) {
    const outcomes = await offer(client, httpConnections, perSecondDue, 1_000);
    const isServed = outcomes.every(({ kind }) => kind === "accepted");
    if (isServed && percentilesOf(timesOf(outcomes, "accepted")).p99Ms <= recoveredTimes * calmMs) return true;
  }
  return false;
}
