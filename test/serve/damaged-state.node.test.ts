// A folder of state with a damaged database in it: one queue is harmed, or none, and readiness says what health does not.

import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { startServer, type WorkerdServer } from "../../src/serve/workerd-server.ts";
import { built } from "../node/built.ts";
import { temporaryFolder } from "../scripts/run-script.ts";

async function start(stateDir: string): Promise<WorkerdServer> {
  const { configPath } = await built("worker");
  return startServer({ stateDir, configPath, output: "ignore" });
}

async function enqueue({ url }: WorkerdServer, queue: string): Promise<number> {
  const response = await fetch(`${url}/v1/queues/${queue}/tasks`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: `{"payload":1}`,
  });
  await response.body?.cancel();
  return response.status;
}

async function statusOf({ url }: WorkerdServer, path: string): Promise<number> {
  const response = await fetch(url + path);
  await response.body?.cancel();
  return response.status;
}

/** State with a queue in it, and then damage to the files of a class that match. */
async function damaged(className: string, file: RegExp): Promise<string> {
  const stateDir = temporaryFolder();
  const server = await start(stateDir);
  expect(await enqueue(server, "first")).toBe(201);
  await server.stop();
  const folder = join(stateDir, `edgeq-${className}`);
  const files = readdirSync(folder).filter((name) => file.test(name));
  expect(files).not.toEqual([]);
  for (const name of files) writeFileSync(join(folder, name), Buffer.alloc(8_192, 0x5a));
  return stateDir;
}

const DATABASE = /^[0-9a-f]+\.sqlite$/;

test.each(["QueueObject", "DirectoryObject"])(
  "damaged alarms of %s are set aside, and every queue is served",
  async (className) => {
    const said = vi.spyOn(console, "error").mockImplementation(() => {});
    const stateDir = await damaged(className, /^metadata\.sqlite$/);
    const server = await start(stateDir);
    try {
      expect([await enqueue(server, "first"), await enqueue(server, "second")]).toEqual([201, 201]);
      expect(await statusOf(server, "/v1/ready")).toBe(200);
      expect(said).toHaveBeenCalledExactlyOnceWith(
        expect.stringMatching(/metadata\.sqlite is damaged and was set aside/),
      );
      expect(readdirSync(join(stateDir, `edgeq-${className}`)).join(" ")).toMatch(/metadata\.sqlite\.damaged-\d+/);
    } finally {
      await server.stop();
      said.mockRestore();
    }
  },
);

test("a damaged queue answers 500, every other one is served", async () => {
  const server = await start(await damaged("QueueObject", DATABASE));
  try {
    expect([await enqueue(server, "first"), await enqueue(server, "second")]).toEqual([500, 201]);
  } finally {
    await server.stop();
  }
});

test("a server that cannot write is alive, and not ready", async () => {
  const server = await start(await damaged("DirectoryObject", DATABASE));
  try {
    expect(await statusOf(server, "/v1/health")).toBe(200);
    const ready = await fetch(`${server.url}/v1/ready`);
    expect([ready.status, ready.headers.has("retry-after")]).toEqual([503, true]);
    expect(await ready.json()).toMatchObject({ code: "not-ready" });
    expect(await enqueue(server, "second")).toBe(201);
  } finally {
    await server.stop();
  }
});
