// edgeq search, release and top, on a real server.

import { expect, test } from "vitest";
import { Queue } from "../../src/client/index.ts";
import { serverForTests } from "../node/server-for-tests.ts";
import { runCli, RunningCli, type CliResult } from "./run-cli.ts";

const server = serverForTests();

function cli(...args: readonly string[]): Promise<CliResult> {
  return runCli(args, { url: server.url });
}

test("search shows what matches, and tells of a qualifier that does not exist", async () => {
  const queue = new Queue("searched", { url: server.url });
  await queue.enqueueBatch([1, 2, 3].map((customer) => ({ payload: { customer }, id: `order-${customer}` })));
  const { status, stdout } = await cli("search", "searched", "payload.customer:9", "--json");
  expect([status, JSON.parse(stdout)]).toEqual([0, { tasks: [], lookedAt: 3, isWhole: true }]);
  expect((await cli("search", "searched", "id:order-* -payload.customer:2")).stdout).toMatch(/order-1 .*\n.*order-3 /s);
  expect((await cli("search", "searched", "-n", "1")).stderr).toContain("raise --limit");
  const refused = await cli("search", "searched", "sate:dead");
  expect([refused.status, refused.stderr]).toEqual([
    2,
    expect.stringContaining('query: given "sate:dead", allowed: one of'),
  ]);
});

test("--count counts, and --apply asks before it acts on all that match", async () => {
  const queue = new Queue("applied", { url: server.url });
  await queue.enqueueBatch([1, 2, 3].map((customer) => ({ payload: { customer }, id: `order-${customer}` })));
  const all = ["search", "applied", "id:* -payload.customer:2"];
  expect((await cli(...all, "--count")).stdout).toBe("2 of 3 match\n");
  const counted = await cli(...all, "--apply", "cancel", "--count");
  expect(counted.stdout).toBe("2 tasks of applied would be cancelled\n");
  expect(await cli(...all, "--apply", "cancel")).toMatchObject({ status: 2 });
  // Whoever asks for a count wants no more than that; and a limit is one of what is shown.
  expect((await cli(...all, "--apply", "cancel", "--count", "--yes")).stdout).toBe(counted.stdout);
  expect(await cli(...all, "--apply", "cancel", "--limit", "1", "--yes")).toMatchObject({
    status: 2,
    stderr: expect.stringContaining("--limit") as string,
  });
  expect((await cli(...all, "--count", "--limit", "1")).status).toBe(2);
  expect(await queue.stats()).toMatchObject({ ready: 3 });
  const done = await cli(...all, "--apply", "cancel", "--yes");
  expect([done.status, done.stdout]).toEqual([0, "2 tasks of applied cancelled\n"]);
  expect((await queue.browse()).tasks.map(({ id }) => id)).toEqual(["order-2"]);
  const snoozed = await cli("search", "applied", "id:*", "--apply", "snooze", "--delay", "1h", "--yes", "--json");
  expect(JSON.parse(snoozed.stdout)).toEqual({ queue: "applied", action: "snooze", tasks: 1, left: 0 });
  expect(await queue.stats()).toMatchObject({ ready: 0, delayed: 1 });
  for (const wrong of [
    ["--apply", "eat"],
    ["--apply", "snooze", "--yes"],
    ["--apply", "retry", "--delay", "1s", "--yes"],
  ])
    expect((await cli(...all, ...wrong)).status).toBe(2);
});

test("--apply acts on the tasks that its question counted, not on those that came while it was asked", async () => {
  const queue = new Queue("asked", { url: server.url });
  await queue.enqueueBatch([1, 2].map((payload) => ({ payload, id: `counted-${payload}` })));
  const apply = new RunningCli(["search", "asked", "id:*", "--apply", "cancel"], { url: server.url, isAttended: true });
  await apply.says(/2 tasks of asked will be cancelled. Go on\?/);
  await queue.enqueue(3, { id: "later" });
  apply.answer("y");
  expect(await apply.ended).toMatchObject({ status: 0, stdout: "2 tasks of asked cancelled\n" });
  expect((await queue.browse()).tasks.map(({ id }) => id)).toEqual(["later"]);
});

test("release offers a claimed task again, and says which are not claimed", async () => {
  const queue = new Queue("released", { url: server.url });
  await queue.enqueueBatch([
    { payload: 1, id: "held" },
    { payload: 2, id: "free" },
  ]);
  const [held] = await queue.claim();
  const { status, stdout } = await cli("release", "released", "held", "free", "none");
  expect([status, stdout]).toEqual([5, "held released\nfree version-conflict\nnone task-not-found\n"]);
  expect(await queue.get("held")).toMatchObject({ state: "ready", attempts: 0 });
  await expect(queue.ack(held ?? "")).rejects.toMatchObject({ code: "claim-lost" });
});

test("top looks again and again at all queues, and prints each look where nobody watches", async () => {
  await new Queue("topped", { url: server.url }).enqueue(1);
  const looks = (await cli("top", "--count", "2", "--interval", "100ms", "--json")).stdout.trim().split("\n");
  expect(looks.map((look) => Object.keys(JSON.parse(look) as object))).toEqual([
    ["at", "queues"],
    ["at", "queues"],
  ]);
  const { stdout } = await cli("top", "--count", "1");
  expect(stdout).toMatch(/^\d{4}-.*Z\nQUEUE .*\n(.*\n)*topped /);
});
