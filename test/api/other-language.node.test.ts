// Another language lives by the OpenAPI document alone: a program of Python's standard library, which knows no path of the API.

import { execFile, spawnSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { Queue } from "../../src/client/index.ts";
import { TestServer } from "../node/test-server.ts";

const hasPython = spawnSync("python3", ["--version"], { timeout: 10_000 }).status === 0;

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

/** What docs/http.md shows, with a first answer that is lost and a program that says what it was answered. */
const LOSSY = `
import sys
URL = sys.argv[1] + "/v1/queues/orders/tasks"
asked = urllib.request.urlopen
def lossy(*given, **named):
    urllib.request.urlopen = asked
    asked(*given, **named).close()
    raise ConnectionResetError()
urllib.request.urlopen = lossy
print(json.dumps([len(enqueue([{"payload": 1}, {"payload": 2}])), len(enqueue([{"payload": 3}]))]))
`;

test.skipIf(!hasPython)(
  "docs/http.md numbers its requests in Python, and sends each task once (skipped without python3)",
  async () => {
    const page = await readFile(join(import.meta.dirname, "../../docs/http.md"), "utf8");
    const [, program = ""] = /```python\n(.*?)```/s.exec(page) ?? [];
    const server = await TestServer.start();
    try {
      const { stdout } = await promisify(execFile)("python3", ["-c", program + LOSSY, server.url]);
      expect(JSON.parse(stdout)).toEqual([2, 1]);
      const queue = new Queue("orders", { url: server.url });
      expect((await Array.fromAsync(queue.browseAll())).map(({ payload }) => payload)).toEqual([1, 2, 3]);
    } finally {
      await server.stop();
    }
  },
);

/** A handler for the consumer that docs/migrate-from-sqs.md shows: one order fails twice, and the sixth call is told to end. */
const SHIPPING = `
seen = []
def handle(order):
    seen.append(order["n"])
    if len(seen) == 6:
        os.kill(os.getpid(), signal.SIGTERM)
    if order["n"] == 3:
        raise ValueError("no stock")
main(handle)
print(json.dumps(seen))
`;

test.skipIf(!hasPython)(
  "docs/migrate-from-sqs.md settles each batch in Python, those that failed apart, and ends when it is told (skipped without python3)",
  async () => {
    const page = await readFile(join(import.meta.dirname, "../../docs/migrate-from-sqs.md"), "utf8");
    const [, program = ""] = /```python\n(.*?)```/s.exec(page) ?? [];
    const server = await TestServer.start();
    try {
      const queue = new Queue("orders", { url: server.url });
      await queue.configure({ maxAttempts: 2, backoff: { minMs: 0 } });
      await queue.enqueueBatch([0, 1, 2, 3, 4].map((n) => ({ payload: { n } })));
      const env = { ...process.env, EDGEQ_URL: server.url };
      const { stdout } = await promisify(execFile)("python3", ["-c", program + SHIPPING], { env });
      expect(JSON.parse(stdout)).toEqual([0, 1, 2, 3, 4, 3]);
      const left = await Array.fromAsync(queue.browseAll());
      expect(left).toEqual([expect.objectContaining({ payload: { n: 3 }, state: "dead", error: "no stock" })]);
    } finally {
      await server.stop();
    }
  },
);
