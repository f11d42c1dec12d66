// Peers that vanish without a word, as when a machine loses its power: their sockets stay open on this side. They keep nobody else
// out, and what they held is offered to others.

import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { SOCKET_GRANT_HEADER, type Grant } from "../../src/api/grant.ts";
import { claimOne, configure, enqueue, task } from "../contract/builders.ts";
import { stoppedClock } from "../workers/clock.ts";
import { ObjectQueue } from "../workers/object-queue.ts";
import { SocketClient } from "../workers/socket-client.ts";

stoppedClock();

const PATIENCE_MS = 10_000;

function upgrade(queue: ObjectQueue, more: Partial<Grant> = {}): Promise<Response> {
  const grant: Grant = { queues: [queue.name], can: ["claim", "enqueue"], tokenIds: [], ...more };
  const headers = { upgrade: "websocket", [SOCKET_GRANT_HEADER]: JSON.stringify(grant) };
  return env.QUEUE.getByName(queue.name).fetch("http://object/", { headers });
}

async function vanished(queue: ObjectQueue, more: Partial<Grant> = {}): Promise<SocketClient> {
  const client = SocketClient.over(await upgrade(queue, more));
  client.isReading = false;
  return client;
}

test.each([
  ["a token's sockets", { owner: "me", sockets: 2 }, null],
  ["a queue's sockets", { owner: "me" }, 2],
])(
  "%s that nobody answers for make room when they are asked, and those that are alive stay",
  async (_, grant, limit) => {
    const queue = new ObjectQueue();
    await configure(queue, { limits: { sockets: limit } });
    const alive = SocketClient.over(await upgrade(queue, grant));
    const gone = await vanished(queue, grant);
    expect((await upgrade(queue, grant)).status).toBe(429);
    // Both have been asked; one answers.
    await gone.until(() => gone.received.some(({ op }) => op === "sync"));
    await alive.until(() => alive.received.some(({ op }) => op === "sync"));
    queue.advance(PATIENCE_MS - 1);
    expect((await upgrade(queue, grant)).status).toBe(429);
    queue.advance(1_001);
    expect((await upgrade(queue, grant)).status).toBe(101);
    expect(await gone.closed).toMatchObject({ code: 4408 });
    expect(await alive.ask("enqueue", { payload: 1 })).toMatchObject({ ok: { tasks: [{}] } });
  },
);

test("a socket with room for others is asked nothing, however long it says nothing", async () => {
  const queue = new ObjectQueue();
  const idle = await vanished(queue, { owner: "me", sockets: 2 });
  queue.advance(86_400_000);
  expect((await upgrade(queue, { owner: "me", sockets: 2 })).status).toBe(101);
  expect(idle.received).toEqual([]);
});

test("what was pushed to a consumer that has vanished comes back at its deadline, and nothing more is pushed to it", async () => {
  const queue = new ObjectQueue();
  await configure(queue, { claimTimeoutMs: 1_000 });
  const gone = await vanished(queue);
  await gone.ask("credit", { n: 2 });
  await enqueue(queue, task("a"));
  await gone.until(() => gone.received.some(({ tasks }) => tasks !== undefined));
  queue.advance(1_000);
  await queue.sweep();
  expect(await claimOne(queue)).toMatchObject({ payload: '"a"', attempts: 2 });
  await enqueue(queue, task("b"));
  expect(await claimOne(queue)).toMatchObject({ payload: '"b"', attempts: 1 });
});
