// Clients that go away while their claim is parked, over real connections to plain workerd: none takes a task with it.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startServer, type WorkerdServer } from "../../src/serve/workerd-server.ts";
import { built } from "../node/built.ts";
import { parkClaim } from "../node/parked-claim.ts";

interface Claimed {
  readonly tasks: readonly { readonly payload: unknown; readonly attempts: number; readonly visibleAt: number }[];
}

let server: WorkerdServer;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "edgeq-"));
  const { configPath } = await built("worker");
  server = await startServer({ stateDir: join(folder, "state"), configPath });
});
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

async function post(path: string, body: unknown): Promise<unknown> {
  const response = await fetch(`${server.url}/v1/queues/${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  return response.json();
}

function payloads(count: number): { payload: number }[] {
  return Array.from({ length: count }, (_, payload) => ({ payload }));
}

/** Claims until `count` tasks have come, waiting for those that are being given back. */
async function claimAll(queue: string, count: number): Promise<Claimed["tasks"]> {
  const tasks: Claimed["tasks"][number][] = [];
  while (tasks.length < count) {
    const answer = (await post(`${queue}/claim`, { max: count, waitMs: 5_000 })) as Claimed;
    if (answer.tasks.length === 0) throw new Error(`${tasks.length} of ${count} tasks came back`);
    tasks.push(...answer.tasks);
  }
  return tasks;
}

test.each(["destroy", "resetAndDestroy"] as const)(
  "clients gone by %s take no task, and the attempts they would have made are not counted",
  async (tearDown) => {
    const queue = `gone-${tearDown}`;
    const clients = await Promise.all(Array.from({ length: 25 }, () => parkClaim(server.port, queue, 20_000)));
    for (const { socket } of clients) socket[tearDown]();
    await post(`${queue}/tasks`, { tasks: payloads(25) });

    const tasks = await claimAll(queue, 25);

    expect(tasks.map(({ payload }) => payload).toSorted((a, b) => Number(a) - Number(b))).toEqual(
      payloads(25).map(({ payload }) => payload),
    );
    expect(tasks.map(({ attempts }) => attempts)).toEqual(tasks.map(() => 1));
  },
);

test("a client that is still there gets the task, however many before it have gone", async () => {
  const gone = await Promise.all(Array.from({ length: 5 }, () => parkClaim(server.port, "one-left", 20_000)));
  const left = await parkClaim(server.port, "one-left", 20_000);
  // A reset reaches the server before the task does. What ends quietly is found out by what is written to it, and may be too late.
  for (const { socket } of gone) socket.resetAndDestroy();

  await post("one-left/tasks", { payload: "for the last" });

  expect(await left.answer).toMatch(/"attempts":1,.*"payload":"for the last"/);
});

test("a task whose delay ends goes to the waiting client, never before", async () => {
  const client = await parkClaim(server.port, "delayed", 20_000);
  await post("delayed/tasks", { payload: 1, delayMs: 250 });

  const answer = await client.answer;

  const { tasks } = JSON.parse(/\{"tasks".*\}/.exec(answer)?.[0] ?? "null") as Claimed;
  expect(tasks).toHaveLength(1);
  expect(Date.now()).toBeGreaterThanOrEqual(tasks[0]?.visibleAt ?? Number.POSITIVE_INFINITY);
});

test("a wait that outlasts a heartbeat ends in JSON all the same", async () => {
  expect(await post("nothing-comes/claim", { waitMs: 700 })).toEqual({ tasks: [] });
});
