// The disk is full: the server is alive, says that it is not ready, as `edgeq doctor` does, refuses with 507 and acknowledges nothing that it could not
// write, and is itself again when there is room. It takes root to mount a disk that is small enough to be filled.

import { expect, test } from "vitest";
import { startServer, type WorkerdServer } from "../../src/serve/workerd-server.ts";
import { runCli } from "../cli/run-cli.ts";
import { built } from "../node/built.ts";
import { temporaryFolder } from "../scripts/run-script.ts";
import { SmallDisk } from "../torture/small-disk.ts";

async function statusOf({ url }: WorkerdServer, path: string, body?: unknown): Promise<number> {
  const init = body === undefined ? {} : { method: "POST", body: JSON.stringify(body) };
  const response = await fetch(url + path, { ...init, headers: { "content-type": "application/json" } });
  await response.body?.cancel();
  return response.status;
}

test("a full disk is reported by readiness, and what was acknowledged survives it", async ({ skip }) => {
  const stateDir = temporaryFolder();
  const disk = SmallDisk.mount(stateDir, 16);
  if (disk === null) {
    skip("it takes root to mount a small disk");
    return;
  }
  const { configPath } = await built("worker");
  const server = await startServer({ stateDir, configPath, output: "ignore" });
  try {
    const statuses: number[] = [];
    const enqueue = async (): Promise<number> => {
      const status = await statusOf(server, "/v1/queues/full/tasks", { payload: "x".repeat(100_000) });
      statuses.push(status);
      return status;
    };
    expect(await enqueue()).toBe(201);
    disk.fill();
    while ((await enqueue()) === 201);
    expect(statuses.at(-1)).toBe(507);
    expect(await statusOf(server, "/v1/health")).toBe(200);
    expect(await statusOf(server, "/v1/ready")).toBe(503);
    const doctor = await runCli(["doctor"], { url: server.url });
    expect([doctor.status, doctor.stdout]).toEqual([
      1,
      expect.stringMatching(/ok +server .*\n.*\nfailed +storage +Nothing can be written: the disk/),
    ]);

    disk.empty();
    // What it last found it says for a second.
    await expect.poll(() => statusOf(server, "/v1/ready"), { timeout: 10_000 }).toBe(200);
    expect(await enqueue()).toBe(201);
    const view = await fetch(`${server.url}/v1/queues/full`);
    const acknowledged = statuses.filter((status) => status === 201).length;
    expect(await view.json()).toMatchObject({ stats: { ready: acknowledged } });
  } finally {
    await server.stop();
    disk.unmount();
  }
});
