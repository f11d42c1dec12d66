// A server whose version was put back after a later one had migrated a queue's database: it says so, touches nothing, and serves
// every other queue.

import { readdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { startServer, type WorkerdServer } from "../../src/serve/workerd-server.ts";
import { built } from "../node/built.ts";
import { newestSchema } from "../../src/store/migrations.ts";
import { temporaryFolder } from "../scripts/run-script.ts";
import { dumped } from "./stored-database.ts";

async function enqueue({ url }: WorkerdServer, queue: string): Promise<Response> {
  const headers = { "content-type": "application/json" };
  return fetch(`${url}/v1/queues/${queue}/tasks`, { method: "POST", headers, body: `{"payload":1}` });
}

/** All of the queue's database. */
function contentOf(path: string): string[] {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    return dumped({
      all: (statement) => database.prepare(statement).all() as ReturnType<Parameters<typeof dumped>[0]["all"]>,
    });
  } finally {
    database.close();
  }
}

test("a database of a later version is answered 503 with when to try again, and is not changed", async () => {
  const stateDir = temporaryFolder();
  const { configPath } = await built("worker");
  let server = await startServer({ stateDir, configPath, output: "ignore" });
  expect((await enqueue(server, "later")).status).toBe(201);
  await server.stop();
  const folder = join(stateDir, "edgeq-QueueObject");
  const name = readdirSync(folder).find((file) => /^[0-9a-f]+\.sqlite$/.test(file));
  const path = join(folder, name ?? "none");
  const database = new DatabaseSync(path);
  database.exec(`INSERT INTO schema_version (version, applied_at) VALUES (${newestSchema() + 1}, 0)`);
  database.close();
  const before = contentOf(path);

  server = await startServer({ stateDir, configPath, output: "ignore" });
  try {
    const refused = await enqueue(server, "later");
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "10"]);
    expect(await refused.json()).toMatchObject({
      code: "overloaded",
      detail: expect.stringContaining("later version") as string,
    });
    expect((await enqueue(server, "other")).status).toBe(201);
  } finally {
    await server.stop();
  }
  expect(contentOf(path)).toEqual(before);
});
