// Keys from the command line: tasks that carry one, and what holds a key back.

import { describe, expect, test } from "vitest";
import { Queue } from "../../src/client/index.ts";
import { serverForTests } from "../node/server-for-tests.ts";
import { runCli, RunningCli, type CliResult } from "./run-cli.ts";

const server = serverForTests();
let queues = 0;

/** A queue of its own for each test, seen through the client. */
function newQueue(): Queue {
  queues += 1;
  return new Queue(`keys-${queues}`, { url: server.url, idempotent: false });
}

const cli = (...args: readonly string[]): Promise<CliResult> => runCli(args, { url: server.url });

describe("keys", () => {
  test("are listed with what holds them back, and one is shown", async () => {
    const queue = newQueue();
    await queue.configure({ keys: { concurrency: 1 } });
    await queue.enqueueBatch(["a", "a", "b c/d"].map((key) => ({ payload: 1, key })));
    await queue.claim({ max: 1 });
    const { status, stdout } = await cli("keys", queue.name);
    expect([status, stdout.split("\n").map((line) => line.trim().split(/  +/))]).toEqual([
      0,
      [
        ["KEY", "READY", "DELAYED", "CLAIMED", "HELD BACK", "SET"],
        ["a", "1", "0", "1", "concurrency"],
        ["b c/d", "1", "0", "0"],
        [""],
      ],
    ]);
    expect((await cli("keys", queue.name, "--limited")).stdout).not.toContain("b c/d");
    expect((await cli("keys", queue.name, "--limited", "paused")).stdout).toBe("No keys that are held back.\n");
    expect(JSON.parse((await cli("keys", queue.name, "b c/d", "--json")).stdout)).toMatchObject({
      key: "b c/d",
      ready: 1,
    });
  });

  test("are limited, paused, reset and unblocked one by one", async () => {
    const queue = newQueue();
    await queue.configure({ keys: { order: "strict" } });
    const [dead] = await queue.enqueueBatch([1, 2].map((payload) => ({ payload, key: "a" })));
    const [task] = await queue.claim();
    await queue.nack(task?.claim ?? "", { dead: true });
    expect((await cli("keys", queue.name, "a")).stdout).toMatch(new RegExp(`blocked by +${dead?.id}\n`));
    expect((await cli("keys", queue.name, "a", "--unblock")).stdout).toMatch(/held back +no\n/);
    const set = await cli(
      "keys",
      queue.name,
      "a",
      "weight=3",
      "paused=true",
      'rate={"limit":1,"periodMs":1000,"burst":1}',
    );
    expect(set.stdout).toContain('set         rate={"limit":1,"periodMs":1000,"burst":1} weight=3 paused=true');
    expect(await queue.claim()).toEqual([]);
    await cli("keys", queue.name, "a", "--reset");
    expect(await queue.claim()).toMatchObject([{ payload: 2 }]);
  });

  test.each([
    [["keys", "q", "--unblock"], "give the key"],
    [["keys", "q", "a", "paused=true", "--reset"], "one of them"],
    [["keys", "q", "a", "--limited"], "not with a key"],
    [["keys", "q", "a", "paused"], "name=value"],
    [["keys", "q", "..", "paused=true"], "key: given"],
    [["keys", "no/queue"], "name"],
  ])("%j is refused with status 2, saying what is wrong", async (args, what) => {
    const { status, stdout, stderr } = await cli(...args);
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(what);
  });

  test("that the server refuses are reported with field, value and range", async () => {
    const queue = newQueue();
    await queue.configure({ keys: { concurrency: 1 } });
    const { status, stderr } = await cli("keys", queue.name, "a", "concurrency=0");
    expect(status).toBe(2);
    expect(stderr).toContain("concurrency: given 0, allowed: an integer from 1 to 10,000");
  });
});

describe("a task", () => {
  test("is sent with a key and a cost, and changed to another key, or none", async () => {
    const queue = newQueue();
    await cli("send", queue.name, "1", "--id", "a", "--key", "tenant 42/eu", "--cost", "5");
    expect(await queue.get("a")).toMatchObject({ key: "tenant 42/eu", cost: 5 });
    await cli("change", queue.name, "a", "--key", "tenant-43");
    expect(await queue.get("a")).toMatchObject({ key: "tenant-43", cost: 5 });
    await cli("change", queue.name, "a", "--no-key");
    expect(await queue.get("a")).not.toHaveProperty("key");
  });

  test("is given back so that all tasks of its key rest", async () => {
    const queue = newQueue();
    await queue.enqueueBatch([1, 2].map((payload) => ({ payload, key: "host" })));
    const [task] = await queue.claim();
    expect((await cli("nack", queue.name, task?.claim ?? "", "--limit-key", "1h")).status).toBe(0);
    expect(await queue.claim()).toEqual([]);
    expect(await queue.get(task?.id ?? "")).toMatchObject({ attempts: 0, error: null });
  });

  test("says in peek what holds it back", async () => {
    const queue = newQueue();
    await queue.configure({ keys: { order: "fifo" } });
    await queue.enqueueBatch([1, 2].map((payload) => ({ payload, key: "a", id: `task-${payload}` })));
    const [first] = await queue.claim();
    expect((await cli("peek", queue.name, "task-2")).stdout).toMatch(/since \S+, held back by its key: order {2}/);
    await queue.nack(first?.claim ?? "", { delayMs: 7_200_000 });
    expect((await cli("peek", queue.name, "task-2")).stdout).toMatch(/held back by its key: order for (119m|120m|2h) /);
  });

  test("tells its command which key it has, if it has one", async () => {
    const queue = newQueue();
    await queue.enqueueBatch([{ payload: 1, key: "tenant-42" }, { payload: 2 }]);
    const { stdout } = await new RunningCli(["work", queue.name, 'echo "key ${EDGEQ_KEY-none}"', "--until-empty"], {
      url: server.url,
    }).ended;
    expect(
      stdout
        .split("\n")
        .filter((line) => line.startsWith("key "))
        .toSorted(),
    ).toEqual(["key none", "key tenant-42"]);
  });

  test.each([
    [["send", "q", "1", "--key", ".."], "key: given"],
    [["send", "q", "1", "--cost", "0"], "--cost"],
    [["nack", "q", "c", "--limit-key", "5m", "--release"], "one of them"],
    [["nack", "q", "c", "--limit-key", "5m", "--error", "429"], "--error: not with --limit-key"],
    [["nack", "q", "c", "--limit-key", "soon"], "--limit-key"],
  ])("%j is refused with status 2, saying what is wrong", async (args, what) => {
    const { status, stdout, stderr } = await cli(...args);
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(what);
  });
});
