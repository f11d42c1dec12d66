// Another language lives by the OpenAPI document alone: a program of Python's standard library, which knows no path of the API.

import { execFile, spawnSync } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { TestServer } from "../node/test-server.ts";

const hasPython = spawnSync("python3", ["--version"]).status === 0;

test.skipIf(!hasPython)("a task goes through its whole life in Python (skipped without python3)", async () => {
  const server = await TestServer.start();
  try {
    const run = promisify(execFile);
    const { stdout } = await run("python3", [join(import.meta.dirname, "life.py"), server.url]);
    expect(JSON.parse(stdout)).toEqual({
      attempts: [1, 2],
      error: "not yet",
      state: "claimed",
      priority: 7,
      acked: true,
      delayed: ["order-8"],
      documents: ["python/life"],
      gone: "task-not-found",
      wrong: ["invalid-request", "max"],
      left: 0,
    });
  } finally {
    await server.stop();
  }
});
