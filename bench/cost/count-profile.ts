// Lives one profile's tasks on a real queue, time moved by hand, and counts what the platform would bill.
// One call at a time, so the counts are the same on every machine and in every run.
import { QueueHttp } from "../edgeq/queue-http.ts";
import { QueueSocket } from "../edgeq/queue-socket.ts";
import { MeteredQueue } from "../edgeq/metered-queue.ts";
import { payloadOf } from "../measure/payload.ts";
import { taskJson } from "../edgeq/task-json.ts";
import { httpWay, type Way } from "./http-way.ts";
import type { Bill } from "./prices.ts";
import { roundMs, roundTasks, type Profile } from "./profiles.ts";
import { socketWay } from "./socket-way.ts";

const payloadBytes = 100;

/** Of a hundred tasks each. */
export interface Rounds {
  readonly warmUp: number;
  readonly counted: number;
}

/** The warm-up is longer than the dedupe window and a housekeeping interval, so that what is counted is a steady state. */
export const fullRounds: Rounds = { warmUp: 45, counted: 42 };
export const quickRounds: Rounds = { warmUp: 5, counted: 10 };

export async function countProfile(profile: Profile, origin: string, { warmUp, counted }: Rounds): Promise<Bill> {
  const name = profile.name.replace(/\W+/g, "-");
  const meter = new MeteredQueue(origin, name);
  // From here on time is moved by hand; it exists before its first task.
  await meter.pass(0);
  const way =
    profile.way === "http"
      ? httpWay(QueueHttp.open(origin, name, 1))
      : await socketWay(() => QueueSocket.open(origin, name), profile.claimIn);
  let next = 0;
  const live = async (times: number): Promise<void> => {
    for (let round = 0; round < times; round += 1) {
      await liveRound(profile, way, meter, next);
      next += roundTasks;
    }
  };
  await live(warmUp);
  const before = { ...(await meter.counts()), workerRequests: way.workerRequests, framesIn: way.framesIn };
  await live(counted);
  const after = { ...(await meter.counts()), workerRequests: way.workerRequests, framesIn: way.framesIn };
  await Promise.all([way.close(), meter.close()]);
  const spent = (count: keyof typeof after): number => after[count] - before[count];
  if (profile.way === "http" && spent("objectRequests") < spent("workerRequests")) {
    throw new Error(`${profile.name}: expected a call on an object for each request, found ${spent("objectRequests")}`);
  }
  return {
    tasks: counted * roundTasks,
    rowsWritten: spent("rowsWritten"),
    timedRows: spent("timedRows"),
    rowsRead: spent("rowsRead"),
    alarmsSet: spent("alarmsSet"),
    alarmsRung: spent("alarmsRung"),
    objectRequests: spent("objectRequests"),
    workerRequests: spent("workerRequests"),
    framesIn: spent("framesIn"),
  };
}

/** A hundred tasks, from enqueue to ack; what failed in the round before is claimed with them. */
async function liveRound(profile: Profile, way: Way, meter: MeteredQueue, first: number): Promise<void> {
  const { enqueueIn, claimIn, delayMs } = profile;
  let failuresLeft = profile.failures;
  const settle = async (tasks: number): Promise<void> => {
    for (let open = tasks; open > 0; open -= Math.min(claimIn, open)) {
      const failures = Math.min(failuresLeft, 1);
      failuresLeft -= failures;
      const acked = await way.claimAndSettle(Math.min(claimIn, open), failures);
      if (acked + failures !== Math.min(claimIn, open)) throw new Error(`${profile.name}: a claim came back short`);
    }
  };
  const step = Math.max(enqueueIn, claimIn);
  for (let from = 0; from < roundTasks; from += step) {
    for (let at = from; at < from + step; at += enqueueIn) {
      const tasks = Array.from({ length: enqueueIn }, (_, index) => taskOf(profile, first + at + index));
      await (profile.isNumbered ? way.enqueue(tasks, callOf(first + at)) : way.enqueue(tasks));
    }
    if (delayMs === null) await settle(step);
  }
  if (delayMs !== null) {
    await meter.pass(delayMs);
    await settle(roundTasks);
  }
  await meter.pass(roundMs - (delayMs ?? 0));
  // The backoff has passed.
  for (let again = profile.failures; again > 0; again -= 1) await way.claimAndSettle(1, 0);
}

function taskOf({ delayMs, hasOwnIds }: Profile, number: number): string {
  const id = hasOwnIds ? `,"id":"order-${number}"` : "";
  const delay = delayMs === null ? "" : `,"delayMs":${delayMs}`;
  return taskJson(payloadOf(number, payloadBytes), id + delay);
}

/** One call after the other, as a client numbers them that waits for each answer. @param task the first of its tasks, from 0 */
function callOf(task: number): string {
  return `{"producer":"0123456789abcdef","number":${task + 1},"from":${task + 1}}`;
}
