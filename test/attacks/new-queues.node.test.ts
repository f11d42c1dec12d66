// Queues that the server has not in memory, called in great numbers at once: each opens a database.

import { expect, test } from "vitest";
import { serverForTests } from "../node/server-for-tests.ts";

const QUEUES = 120;

const server = serverForTests();

function enqueue(queue: string): Promise<Response> {
  return fetch(`${server.url}/v1/queues/${queue}/tasks`, { method: "POST", body: "x" });
}

test.each([
  ["written to", 201, enqueue],
  ["looked at, though they do not exist", 404, (queue: string) => fetch(`${server.url}/v1/queues/missing-${queue}`)],
])("others are answered between new queues that are %s at once", async (_, status, call) => {
  await enqueue("in-use");
  const answered: number[] = [];
  const all = Array.from({ length: QUEUES }, async (__, index) => answered.push((await call(`new-${index}`)).status));
  let most = 0;
  while (answered.length < all.length) {
    const before = answered.length;
    expect((await enqueue("in-use")).status).toBe(201);
    most = Math.max(most, answered.length - before);
  }
  expect(new Set(answered)).toEqual(new Set([status]));
  expect(most).toBeLessThanOrEqual(12);
});
