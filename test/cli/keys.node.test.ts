// Keys from the command line: tasks that carry one, and what holds a key back.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Queue } from "../../src/client/index.ts";
import { TestServer } from "../node/test-server.ts";
import { runCli, type CliResult } from "./run-cli.ts";

let server: TestServer;
let queues = 0;

beforeAll(async () => {
  server = await TestServer.start();
}, 120_000);
afterAll(() => server.stop());

/** A queue of its own for each test, seen through the client. */
function newQueue(): Queue {
  queues += 1;
  return new Queue(`keys-${queues}`, { url: server.url, idempotent: false });
}

const cli = (...args: readonly string[]): Promise<CliResult> => runCli(args, { url: server.url });

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

  test("tells its command which key it has, if it has one", async () => {
    const queue = newQueue();
    await queue.enqueueBatch([{ payload: 1, key: "tenant-42" }, { payload: 2 }]);
    const { stdout } = await cli("work", queue.name, 'echo "key ${EDGEQ_KEY-none}"', "--until-empty");
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
