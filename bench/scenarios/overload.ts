// Twice what a queue can take, over thousands of connections that do not wait for each other: how long the accepted wait, how soon
// the others are refused, and when the queue is itself again. What it can take is measured first, by callers that wait. Beside it
// the same for a Worker that only answers: workerd does not take its connections in turn, so that is the floor. Callers who wait as long
// as they are told have a floor of their own: a Worker that refuses them all, of which as many calls are wanted as of the queue.
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { enqueueBody, taskJson } from "../edgeq/task-json.ts";
import { withEdgeq } from "../edgeq/with-edgeq.ts";
import { startFloor } from "../floor/start-floor.ts";
import { inMs, perSecond, type Goal } from "../goals/goal.ts";
import { holdConnections, type HeldConnection } from "../measure/held-connections.ts";
import { httpConnections } from "../measure/http-client.ts";
import { percentilesOf } from "../measure/measurement.ts";
import { payloadOf } from "../measure/payload.ts";
import { runInFlight } from "../measure/run-in-flight.ts";
import { obedientCalls, type ObedientCalls } from "./obedient-callers.ts";
import { callOver, type Outcome } from "./overload-call.ts";
import type { Scenario, ScenarioRun, ScenarioResult } from "./scenario.ts";

const body = enqueueBody([taskJson(payloadOf(0, 100))]);
const tickMs = 10;
/** It is itself again when a second's calls have at most twice the p99 of before. */
const recoveredTimes = 2;
const recoveryLimitMs = 30_000;
/** A server that was full takes on fewer for that long: callers who obey begin after it, as at a server that was not. */
const restMs = 10_000;

export const overloadScenario: Scenario = { name: "overload", run: runOverload };

async function runOverload(run: ScenarioRun): Promise<ScenarioResult> {
  const server = await withEdgeq({ dir: join(run.dir, "overload") }, ({ url }) =>
    overload(run, url, "/v1/queues/overload/tasks"),
  );
  const beside = await withFloor(join(run.dir, "floor"), (url) => overload(run, url, "/static"));
  const floor = await withFloor(join(run.dir, "refusing"), async (url) => {
    const many = await holdConnections(url, connectionsOf(run));
    const calls = await obedientCalls(many, requestOf(url, "/refuse"), server.everyMs, msOf(run));
    for (const connection of many) connection.close();
    return calls;
  });
  const { calmMs, recoveryMs, outcomes, obedient } = server;
  return {
    tables: [
      { title: server.title, head, rows: rowsOf(outcomes) },
      { title: server.obedientTitle, head, rows: obedientRows(obedient) },
      { title: `A Worker that refuses every call: the same callers`, head, rows: obedientRows(floor) },
      { title: `A Worker that only answers: ${beside.title}`, head, rows: rowsOf(beside.outcomes) },
      {
        title: "Before and after",
        head: ["p99 at a quarter of what it takes", "the same again after"],
        rows: [[inMs(calmMs), recoveryMs === null ? "not within 30 s" : `${(recoveryMs / 1000).toFixed(1)} s`]],
      },
    ],
    goals: [unclearGoal([...outcomes, ...obedient.first, ...obedient.later]), ...refusedGoals(obedient, floor)],
    skipped: refusedTimes(obedient).length === 0 ? ["p99 of the refused: the server refused nothing"] : [],
  };
}

const connectionsOf = ({ isQuick }: ScenarioRun): number => (isQuick ? 500 : 4_000);
const msOf = ({ isQuick }: ScenarioRun): number => (isQuick ? 2_000 : 10_000);

async function withFloor<Result>(dir: string, use: (url: string) => Promise<Result>): Promise<Result> {
  const floor = await startFloor(dir);
  try {
    return await use(floor.url);
  } finally {
    await floor.stop();
  }
}

interface Overloaded {
  readonly title: string;
  /** Of calls that nobody holds back. */
  readonly outcomes: readonly Outcome[];
  readonly obedientTitle: string;
  /** Of callers that wait as long as they are told. */
  readonly obedient: ObedientCalls;
  /** In which each of them wants to have made one call. */
  readonly everyMs: number;
  /** p99 at a quarter of what it takes. */
  readonly calmMs: number;
  /** null: it was not itself again. */
  readonly recoveryMs: number | null;
}

async function overload(run: ScenarioRun, url: string, path: string): Promise<Overloaded> {
  const ms = msOf(run);
  const request = requestOf(url, path);
  const few = await holdConnections(url, httpConnections);
  const many = await holdConnections(url, connectionsOf(run));
  await capacityOf(few, request, ms / 4);
  const capacity = await capacityOf(few, request, ms / 2);
  run.say(`${path}: takes ${perSecond(capacity)}`);
  const before = await offer(few, request, capacity / 4, ms / 4);
  const calmMs = percentilesOf(timesOf(before, "accepted")).p99Ms;
  const outcomes = await offer(many, request, capacity * 2, ms);
  const endedAt = performance.now();
  const recovered = await untilCalm(few, request, capacity / 4, calmMs);
  const recoveryMs = recovered ? performance.now() - endedAt : null;
  const everyMs = (many.length / (capacity * 2)) * 1_000;
  if (!run.isQuick) await sleep(restMs);
  const obedient = await obedientCalls(many, request, everyMs, ms);
  for (const connection of [...few, ...many]) connection.close();
  const title = `${perSecond(capacity * 2)} offered for ${ms / 1000} s over ${many.length} connections, twice what it takes, as far as they were free`;
  const obedientTitle = `${many.length} callers for ${ms / 1000} s that want to make ${perSecond(capacity * 2)} together, and wait as long as they are told`;
  return { title, outcomes, obedientTitle, obedient, everyMs, calmMs, recoveryMs };
}

function requestOf(url: string, path: string): string {
  const lines = [
    `POST ${path} HTTP/1.1`,
    `host: ${new URL(url).host}`,
    "content-type: application/json",
    `content-length: ${Buffer.byteLength(body)}`,
  ];
  return `${lines.join("\r\n")}\r\n\r\n${body}`;
}

const head = ["", "calls", "p50", "p99", "longest"];

const rowsOf = (outcomes: readonly Outcome[]): string[][] =>
  (["accepted", "refused", "failed"] as const).map((kind) => {
    const times = timesOf(outcomes, kind);
    const { p50Ms, p99Ms, maxMs } = percentilesOf(times);
    return [kind, String(times.length), ...[p50Ms, p99Ms, maxMs].map(inMs)];
  });

const obedientRows = ({ first, later, ownLateMs }: ObedientCalls): string[][] => [
  ...rowsOf(first).map(([kind = "", ...figures]) => [`${kind}, first calls`, ...figures]),
  ...rowsOf(later).map(([kind = "", ...figures]) => [`${kind}, later calls`, ...figures]),
  ["the load's own process was late by", "", "", inMs(ownLateMs), ""],
];

function unclearGoal(outcomes: readonly Outcome[]): Goal {
  const failed = timesOf(outcomes, "failed").length;
  const figures = `${failed} of ${outcomes.length} calls had no answer, or one that says neither yes nor later`;
  return { what: "calls without a clear answer", beside: "", figures, reached: failed, wanted: { atMost: 0 } };
}

const refusedTimes = ({ first, later }: ObedientCalls): number[] => timesOf([...first, ...later], "refused");

function refusedGoals(obedient: ObedientCalls, floor: ObedientCalls): Goal[] {
  if (refusedTimes(obedient).length === 0) return [];
  const { p99Ms } = percentilesOf(refusedTimes(obedient));
  const { p99Ms: leastMs } = percentilesOf(refusedTimes(floor));
  const what = "p99 of the refused, where callers wait as long as they are told";
  const beside = "a Worker that refuses every call";
  const figures = `${inMs(p99Ms)} of ${inMs(leastMs)}`;
  return [
    { what: `${what}, in ms`, beside: "", figures: inMs(p99Ms), reached: p99Ms, wanted: { atMost: 100 } },
    { what, beside, figures, reached: p99Ms / leastMs, wanted: { atMost: 3 } },
  ];
}

const timesOf = (outcomes: readonly Outcome[], kind: Outcome["kind"]): number[] =>
  outcomes.filter((outcome) => outcome.kind === kind).map(({ ms }) => ms);

/** Calls a second by callers that each wait for their answer. */
async function capacityOf(connections: readonly HeldConnection[], request: string, ms: number): Promise<number> {
  const { tasks, elapsedMs } = await runInFlight({
    inFlight: connections.length,
    maxMs: ms,
    maxOperations: Number.POSITIVE_INFINITY,
    operation: async (lane) => {
      const connection = connections[lane];
      if (connection === undefined) throw new Error(`expected a connection for lane ${lane}`);
      const { kind } = await callOver(connection, request);
      if (kind !== "accepted") throw new Error(`expected ${connections.length} callers to be served, one was ${kind}`);
      return 1;
    },
  });
  return (tasks / elapsedMs) * 1000;
}

/** So many calls a second, each made when it is due if a connection is free then, whatever became of those before. */
async function offer(
  connections: readonly HeldConnection[],
  request: string,
  perSecondDue: number,
  ms: number,
): Promise<Outcome[]> {
  const calls: Promise<Outcome>[] = [];
  const free = [...connections];
  let dropped = 0;
  const startedAt = performance.now();
  for (let elapsedMs = 0; elapsedMs < ms; elapsedMs = performance.now() - startedAt) {
    const due = Math.floor((elapsedMs / 1000) * perSecondDue);
    while (calls.length + dropped < due) {
      // The one that has been free for longest: each is used as often as it is answered.
      const connection = free.shift();
      if (connection === undefined) dropped += 1;
      else calls.push(callOver(connection, request).finally(() => free.push(connection)));
    }
    await sleep(tickMs);
  }
  return Promise.all(calls);
}

async function untilCalm(
  connections: readonly HeldConnection[],
  request: string,
  perSecondDue: number,
  calmMs: number,
): Promise<boolean> {
  const deadline = performance.now() + recoveryLimitMs;
  while (performance.now() < deadline) {
    const outcomes = await offer(connections, request, perSecondDue, 1_000);
    const isServed = outcomes.every(({ kind }) => kind === "accepted");
    if (isServed && percentilesOf(timesOf(outcomes, "accepted")).p99Ms <= recoveredTimes * calmMs) return true;
  }
  return false;
}
