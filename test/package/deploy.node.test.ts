// The container file and the systemd unit, as far as a machine without Docker can go: their own lines are run, in folders in
// place of theirs, and the server that comes of it answers its health check and stops in time.

import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { copyFile, mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { PROJECT_DIR } from "../../scripts/worker-config.ts";
import { exitOf } from "../../src/serve/child-exit.ts";
import { freePort } from "../../src/serve/listen-address.ts";
import { KEYS } from "../http/token-builder.ts";
import { packed, run, userEnvironment, type Packed } from "./packed.ts";

const DEPLOY = join(PROJECT_DIR, "deploy");
const WORKERD = join(PROJECT_DIR, "node_modules/workerd");

let pack: Packed;

beforeAll(async () => {
  pack = await packed();
});
afterAll(() => pack.remove());

/** Runs a server's command until it is healthy, then a check, and stops it. */
async function served(
  command: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv,
  check: (port: number) => Promise<void>,
): Promise<void> {
  const port = await freePort({ host: "127.0.0.1", port: 0 });
  const [program = "", ...args] = command;
  const child = spawn(program, args, {
    cwd,
    env: { ...userEnvironment(), ...env, EDGEQ_KEYS: KEYS, PORT: String(port) },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = exitOf(child);
  onTestFinished(() => void child.kill("SIGTERM"));
  // The address, when it is up.
  const [said] = (await once(child.stdout, "data")) as [Buffer];
  expect(said.toString()).toContain(`:${port}`);
  await check(port);
  child.kill("SIGTERM");
  expect(await exited).toEqual({ code: 0, signal: null });
}

describe("the container file", () => {
  it("installs, starts, is healthy and stops", async () => {
    const lines = (await readFile(join(DEPLOY, "Containerfile"), "utf8"))
      .split("\n")
      .filter((line) => /^[A-Z]+ /.test(line));
    const instruction = (name: string): string[] =>
      lines.filter((line) => line.startsWith(`${name} `)).map((line) => line.slice(name.length + 1));
    const app = join(pack.dir, "app");
    const data = join(pack.dir, "data");
    await mkdir(app);

    const [, target = ""] = /--chown=node \S+ (\S+)/.exec(instruction("COPY")[0] ?? "") ?? [];
    await copyFile(pack.tarball, join(app, target));
    const install = instruction("RUN").find((line) => line.includes("npm install")) ?? "";
    const { version } = JSON.parse(await readFile(join(WORKERD, "package.json"), "utf8")) as { version: string };
    expect(install).toContain(`workerd@${version}`);
    const offline = install.replace(`workerd@${version}`, `${WORKERD} --offline`);
    await run("sh", ["-c", offline], { cwd: app, env: userEnvironment() });

    const env = Object.fromEntries((instruction("ENV")[0] ?? "").split(" ").map((entry) => entry.split("=")));
    const command = JSON.parse(instruction("CMD")[0] ?? "[]") as string[];
    const health = JSON.parse((instruction("HEALTHCHECK")[0] ?? "").replace("CMD ", "")) as string[];
    const inPlace = command.map((word) => (word === "/data" ? data : word));
    await served(inPlace, app, env as NodeJS.ProcessEnv, (port) => {
      expect(statusOf(health, { PORT: String(port) })).toBe(0);
      expect(statusOf(health, { PORT: "1" })).toBe(1);
      expect(existsSync(data)).toBe(true);
      return Promise.resolve();
    });
  });
});

describe("the systemd unit", () => {
  it("starts what it says, and systemd finds nothing wrong with it", async () => {
    const path = join(DEPLOY, "edgeq.service");
    const unit = await readFile(path, "utf8");
    const prefix = join(pack.dir, "opt");
    await run("npm", ["install", "--offline", "--prefix", prefix, pack.tarball, WORKERD], {
      cwd: pack.dir,
      env: userEnvironment(),
    });
    const command = (/^ExecStart=(.*)$/m.exec(unit)?.[1] ?? "")
      .replaceAll("/usr/bin/node", process.execPath)
      .replaceAll("/opt/edgeq", prefix)
      .replaceAll("/var/lib/edgeq", join(pack.dir, "var"));
    await served(command.split(" "), "/", {}, async (port) => {
      const { status } = await fetch(`http://127.0.0.1:${port}/v1/queues/orders`);
      expect(status).toBe(401);
    });
    expect(unit).toMatch(/^StateDirectory=edgeq$/m);
    if (!existsSync("/usr/bin/systemd-analyze")) return;
    const verified = spawnSync("systemd-analyze", ["verify", path], { encoding: "utf8", timeout: 30_000 });
    expect(verified.stderr).not.toContain("edgeq.service");
  });
});

function statusOf([program = "", ...args]: readonly string[], env: NodeJS.ProcessEnv): number | null {
  return spawnSync(program, args, { env: { ...userEnvironment(), ...env }, timeout: 30_000 }).status;
}
