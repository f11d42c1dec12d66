// edgeq events, on a real server: what it prints, that it goes on after the server was gone and says so, and what it is refused.

import { expect, test } from "vitest";
import { Queue } from "../../src/client/index.ts";
import { serverForTests } from "../node/server-for-tests.ts";
import { runCli, RunningCli } from "./run-cli.ts";

const server = serverForTests();

const linesOf = (stdout: string): Record<string, unknown>[] =>
  stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);

test("facts are lines of JSON with the queue, of the kinds and lanes that were asked for, and as many", async () => {
  const queue = new Queue("told", { url: server.url });
  const args = ["events", "told", "not-there-yet", "--lane", "main", "--kind", "enqueued", "failed", "acked"];
  const events = new RunningCli([...args, "--count", "500"], { url: server.url });
  await events.says(/told: listening/);
  await events.says(/not-there-yet: listening/);
  await queue.enqueue({ secret: "payload" }, { id: "order-1" });
  await queue.enqueue(2, { lane: "other" });
  const [first] = await queue.claim();
  if (first === undefined) throw new Error("expected a ready task");
  await queue.nack(first, { error: "no stock", delayMs: 0 });
  const [again] = await queue.claim();
  if (again === undefined) throw new Error("expected a ready task");
  await queue.ack(again);
  await events.says(/"kind":"acked"/);
  await new Queue("not-there-yet", { url: server.url }).enqueueBatch(
    Array.from({ length: 500 }, (_, payload) => ({ payload })),
  );
  const { status, stdout } = await events.ended;
  const lines = linesOf(stdout);
  expect([status, lines.length]).toEqual([0, 500]);
  expect(stdout).not.toContain("payload");
  const at = expect.any(Number) as unknown;
  expect(lines.filter(({ id }) => id === "order-1")).toEqual([
    { queue: "told", at, kind: "enqueued", id: "order-1", lane: "main" },
    { queue: "told", at, kind: "failed", id: "order-1", lane: "main", attempt: 1, error: "no stock" },
    { queue: "told", at, kind: "acked", id: "order-1", lane: "main", attempt: 2, tookMs: at },
  ]);
  expect(lines.some(({ lane }) => lane === "other")).toBe(false);
});

test("it goes on by itself after the server was gone, and says since when and until when it heard nothing", async () => {
  const queue = new Queue("gone", { url: server.url });
  const events = new RunningCli(["events", "gone"], { url: server.url });
  await events.says(/gone: listening/);
  await server.crash(async () => void (await events.says(/the connection is lost/)));
  const [, from, to] = await events.says(/"gap":\{"from":(\d+),"to":(\d+)\}/);
  expect(Number(to)).toBeGreaterThanOrEqual(Number(from));
  await queue.enqueue(1, { id: "after" });
  await events.says(/"id":"after"/);
  events.signal("SIGTERM");
  await events.ended;
});

test("a kind that does not exist is a wrong argument, and a server that is not there is reported at once", async () => {
  const refused = await runCli(["events", "told", "--kind", "eaten"], { url: server.url });
  expect([refused.status, refused.stderr]).toEqual([2, expect.stringContaining("kinds[0]")]);
  expect((await runCli(["events", "told", "--count", "0"], { url: server.url })).status).toBe(2);
  expect((await runCli(["events", "told"], { url: "http://127.0.0.1:1" })).status).toBe(3);
});
