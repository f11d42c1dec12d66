// Data points for Workers Analytics Engine: one for each row of the history, and the same sums. The data set is bound as the platform
// binds it, and records what it is given; local workerd has none that could be asked.

import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { TASK_EVENTS, type TaskEvent } from "../../src/core/task-event.ts";
import { ack, claimOne, configure, enqueue, task } from "../contract/builders.ts";
import { stoppedClock } from "../workers/clock.ts";
import { delivered, ObjectQueue } from "../workers/object-queue.ts";

interface Point {
  readonly indexes: string[];
  readonly blobs: string[];
  readonly doubles: number[];
}

const MINUTE_MS = 60_000;
const points: Point[] = [];
const dataset = { writeDataPoint: (point: Point): void => void points.push(point) };

beforeAll(() => {
  Object.assign(env, { EDGEQ_ANALYTICS: dataset });
});
afterAll(() => {
  Object.assign(env, { EDGEQ_ANALYTICS: undefined });
});
stoppedClock();
beforeEach(() => {
  points.length = 0;
});

async function openQueue(): Promise<ObjectQueue> {
  const queue = new ObjectQueue();
  queue.advance(MINUTE_MS - (queue.now() % MINUTE_MS));
  await configure(queue, { retentionMs: null, claimTimeoutMs: 60 * MINUTE_MS });
  await delivered(queue);
  return queue;
}

function counted(point: Point | undefined): Partial<Record<TaskEvent, number>> {
  return Object.fromEntries(
    TASK_EVENTS.flatMap((event, at) => (point?.doubles[at] === 0 ? [] : [[event, point?.doubles[at]]])),
  );
}

test("a minute is a point with the queue, its instant, what happened, what waits, and how long waits and runs took", async () => {
  const queue = await openQueue();
  const at = queue.now() - (queue.now() % MINUTE_MS);
  await enqueue(queue, task(1), task(2));
  queue.advance(1_000);
  const claim = await claimOne(queue);
  queue.advance(2_000);
  await ack(queue, claim);
  expect(points).toEqual([]);
  queue.advance(MINUTE_MS);
  await ack(queue, await claimOne(queue));
  const [point] = points;
  expect(point?.indexes).toEqual([queue.name]);
  expect(point?.blobs).toEqual([queue.name, new Date(at).toISOString()]);
  expect(counted(point)).toEqual({ enqueued: 2, claimed: 1, acked: 1 });
  // Of the histogram's buckets, a quarter wide: 1 s and 2 s.
  const [backlog, dead, waits, waitP50, waitP95, runs, runP50, runP95] = point?.doubles.slice(TASK_EVENTS.length) ?? [];
  expect([backlog, dead, waits, runs]).toEqual([1, 0, 1, 1]);
  for (const wait of [waitP50, waitP95]) expect(Math.abs((wait ?? 0) - 1_000)).toBeLessThan(250);
  for (const run of [runP50, runP95]) expect(Math.abs((run ?? 0) - 2_000)).toBeLessThan(500);
  expect(point?.doubles).toHaveLength(20);
});

test("there is a point for each row of the history, none while nothing happens, and they add up to what happened", async () => {
  const queue = await openQueue();
  const historyRows = () => runInDurableObject(queue.stub, (object) => object.usage().historyRows);
  const before = await historyRows();
  for (let second = 0; second < 600; second += 10) {
    queue.advance(10_000);
    await enqueue(queue, task(second));
    await ack(queue, await claimOne(queue));
  }
  queue.advance(60 * MINUTE_MS);
  await enqueue(queue, task("after an hour"));
  await ack(queue, await claimOne(queue));
  queue.advance(MINUTE_MS);
  await enqueue(queue, task("of a minute that is not over"));
  expect(points).toHaveLength((await historyRows()) - before);
  const sums = (event: TaskEvent) => points.reduce((sum, point) => sum + (counted(point)[event] ?? 0), 0);
  expect([sums("enqueued"), sums("claimed"), sums("acked")]).toEqual([61, 61, 61]);
});

test("a data set that throws is logged, and costs no task", async () => {
  const queue = await openQueue();
  const error = vi.spyOn(console, "error").mockImplementation(() => {});
  vi.spyOn(dataset, "writeDataPoint").mockImplementation(() => {
    throw new TypeError("too many data points");
  });
  await enqueue(queue, task(1));
  queue.advance(MINUTE_MS);
  expect(await ack(queue, await claimOne(queue))).toEqual(["ok"]);
  expect(error).toHaveBeenCalledWith("edgeq: the data point of a minute was not written:", expect.any(TypeError));
});
