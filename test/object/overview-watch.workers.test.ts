// Sockets that watch the overview: who is told what and when, and that watching wakes nobody and writes nothing (P13, P14).

import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { expect, test, vi } from "vitest";
import { EVERYTHING, type Grant, SOCKET_GRANT_HEADER } from "../../src/api/grant.ts";
import { LIMITS } from "../../src/core/limits.ts";
import type { QueueReport } from "../../src/core/queue-report.ts";
import { stoppedClock } from "../workers/clock.ts";
import { SocketClient } from "../workers/socket-client.ts";

stoppedClock();

let directories = 0;
/** A directory of the test's own. */
function directory() {
  directories += 1;
  return env.DIRECTORY.getByName(`watched-${directories}`);
}

async function watching(of: ReturnType<typeof directory>, grant: Partial<Grant> = {}): Promise<SocketClient> {
  const headers = { upgrade: "websocket", [SOCKET_GRANT_HEADER]: JSON.stringify({ ...EVERYTHING, ...grant }) };
  return SocketClient.over(await of.fetch("http://directory/", { headers }));
}

let reports = 0;
function report(of: ReturnType<typeof directory>, name: string): Promise<boolean> {
  reports += 1;
  const told: QueueReport = {
    life: "a",
    number: reports,
    createdAt: 1,
    paused: false,
    maxInFlight: 1,
    maxBacklog: null,
    consumers: 0,
    parked: 0,
    stats: null,
    totals: {},
  };
  return of.report(name, told);
}

const CHANGED = { op: "overview" };

test("through the Worker: a watcher is notified when a queue is made", async () => {
  const headers = { upgrade: "websocket" };
  const client = SocketClient.over(await exports.default.fetch("http://localhost/v1/overview/socket", { headers }));
  const init = { method: "POST", body: '{"payload":1}', headers: { "content-type": "application/json" } };
  await exports.default.fetch("http://localhost/v1/queues/overview-watched/tasks", init);
  await client.until(() => client.received.length > 0);
  expect(client.received[0]).toEqual(CHANGED);
});

test("watchers are notified of changes every two seconds at most, and then once of all that came between", async () => {
  const one = directory();
  const client = await watching(one);
  await report(one, "a");
  await client.until(() => client.received.length === 1);
  vi.advanceTimersByTime(1_999);
  await Promise.all(["b", "c"].map((name) => report(one, name)));
  expect(client.received).toHaveLength(1);
  // A timer of a millisecond tells of both.
  vi.advanceTimersByTime(1);
  await client.until(() => client.received.length === 2);
  vi.advanceTimersByTime(2_000);
  await report(one, "d");
  await client.until(() => client.received.length === 3);
  expect(client.received).toEqual([CHANGED, CHANGED, CHANGED]);
});

test("a token for some queues is notified of those alone", async () => {
  const one = directory();
  const all = await watching(one);
  const some = await watching(one, { queues: ["mine-*"], can: ["browse"] });
  const blind = await watching(one, { queues: ["*"], can: ["enqueue"] });
  await report(one, "other");
  await all.until(() => all.received.length === 1);
  vi.advanceTimersByTime(2_000);
  await report(one, "mine-1");
  await some.until(() => some.received.length === 1);
  expect([all, some, blind].map(({ received }) => received.length)).toEqual([2, 1, 0]);
});

test("a watcher outlives the directory's sleep, and writes no row in it", async () => {
  const one = directory();
  await report(one, "a");
  const client = await watching(one);
  await evictDurableObject(one, { webSockets: "hibernate" });
  expect(client.received).toEqual([]);
  await report(one, "a");
  await client.until(() => client.received.length === 1);
  // The report's own.
  expect((await runInDurableObject(one, (object) => object.usage())).rowsWritten).toBe(1);
});

test("an ended token's socket is closed when there is something to tell, a revoked one's at once", async () => {
  const one = directory();
  const ended = await watching(one, { endsAt: Date.now() + 1_000 });
  const revoked = await watching(one, { tokenIds: ["t-1"] });
  await one.revoke("t-1", Date.now() + 60_000);
  expect(await revoked.closed).toMatchObject({ code: 4401 });
  vi.advanceTimersByTime(1_000);
  await report(one, "a");
  expect(await ended.closed).toMatchObject({ code: 4401 });
  expect(ended.received).toEqual([]);
});

test("one token has no more sockets than its share; who says something is closed", async () => {
  const one = directory();
  const grant = { owner: "somebody", sockets: 2 };
  const [first] = await Promise.all([watching(one, grant), watching(one, grant)]);
  const headers = { upgrade: "websocket", [SOCKET_GRANT_HEADER]: JSON.stringify({ ...EVERYTHING, ...grant }) };
  const third = await one.fetch("http://directory/", { headers });
  expect([third.status, await third.json()]).toMatchObject([429, { code: "rate-limited", limit: 2 }]);
  expect(LIMITS.overviewSocketsOfToken).toBeLessThan(LIMITS.overviewSockets);
  first?.send("{}");
  expect(await first?.closed).toMatchObject({ code: 1008 });
  expect((await one.fetch("http://directory/", { headers })).status).toBe(101);
});
