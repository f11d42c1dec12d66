// The package installed by npm into an empty folder, and its commands run there as users run them.

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { PROJECT_DIR } from "../../scripts/worker-config.ts";
import { exitOf } from "../../src/serve/child-exit.ts";
import { KEYS } from "../http/token-builder.ts";
import { packed, run, userEnvironment, type Packed } from "./packed.ts";

let pack: Packed;
let dir: string;
let installed: { stdout: string; stderr: string };

beforeAll(async () => {
  pack = await packed();
  // The state is said as the server sees it.
  dir = await realpath(pack.dir);
  // Offline: nothing has to be fetched.
  installed = await run("npm", ["install", "--offline", pack.tarball], { cwd: dir, env: userEnvironment() });
});
afterAll(() => pack.remove());

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The command of the installed package, to its end. */
async function edgeq(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  const child = spawn(process.execPath, [join(dir, "node_modules/.bin/edgeq"), ...args], {
    cwd: dir,
    env: { ...userEnvironment(), ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const) {
    child[stream].setEncoding("utf8").on("data", (text: string) => (output[stream] += text));
  }
  const { code } = await exitOf(child);
  return { code, ...output };
}

/** A server of the installed package, that goes with the test. */
async function serving(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<{ url: string; said: string }> {
  const child = spawn(process.execPath, [join(dir, "node_modules/.bin/edgeq"), ...args], {
    cwd: dir,
    env: { ...userEnvironment(), PORT: "0", ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = exitOf(child);
  onTestFinished(async () => {
    child.kill("SIGTERM");
    expect(await exited).toEqual({ code: 0, signal: null });
  });
  let said = "";
  for await (const text of child.stdout.setEncoding("utf8").iterator({ destroyOnReturn: false })) {
    said += text;
    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(said)?.[0];
    if (url !== undefined && said.includes("Ctrl-C")) return { url, said };
  }
  throw new Error(`the server ended without its address: ${said}`);
}

async function withWorkerd(): Promise<void> {
  await mkdir(join(dir, "node_modules"), { recursive: true });
  if (!existsSync(join(dir, "node_modules/workerd"))) {
    await symlink(join(PROJECT_DIR, "node_modules/workerd"), join(dir, "node_modules/workerd"));
  }
}

/** What a folder says that is in use. */
function inUse(state: string): string {
  return `edgeq: another server is using ${join(dir, state)}: stop it, or choose another folder with --state [failed]\n`;
}

/** In place of a package, a module with this text. */
async function withModule(name: string, text: string): Promise<void> {
  const path = join(dir, "node_modules", name);
  await rm(path, { recursive: true, force: true });
  await mkdir(path, { recursive: true });
  await writeFile(join(path, "index.js"), text);
  onTestFinished(() => rm(path, { recursive: true, force: true }));
}

/** A PATH on which is nothing but these programs. */
async function pathWith(...programs: readonly string[]): Promise<string> {
  const path = join(dir, ["path", ...programs].join("-"));
  await mkdir(path, { recursive: true });
  for (const program of programs) await symlink(join("/usr/bin", program), join(path, program));
  return path;
}

describe("the installed package", () => {
  it("brings nothing with it, and fits the engines", async () => {
    expect((await readdir(join(dir, "node_modules"))).filter((name) => !name.startsWith("."))).toEqual(["edgeq"]);
    expect(`${installed.stdout}${installed.stderr}`).not.toMatch(/EBADENGINE|deprecated/);
    const manifest = JSON.parse(await readFile(join(dir, "node_modules/edgeq/package.json"), "utf8")) as object;
    expect(manifest).not.toHaveProperty("dependencies");
  });

  it("has an edgeq command that knows its version and lists its commands", async () => {
    expect((await edgeq(["--version"])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect((await edgeq(["--help"])).stdout).toMatch(/^ {2}dev .*$/m);
  });

  it("is loaded by require, on a Node that can (20.19 and later)", async () => {
    const program = 'console.log(typeof require("edgeq").consume, typeof require("edgeq/client").Queue)';
    const { stdout } = await run(process.execPath, ["--input-type=commonjs", "-e", program], { cwd: dir });
    expect(stdout).toBe("function function\n");
  });
});

describe("edgeq dev", () => {
  it("says in one sentence how to install workerd", async () => {
    await rm(join(dir, "node_modules/workerd"), { force: true });
    const { code, stderr } = await edgeq(["dev"]);
    expect(stderr).toBe(
      "edgeq: workerd, which runs the server, is not installed: npm install --save-dev workerd [failed]\n",
    );
    expect(code).toBe(1);
  });

  it("serves a queue, open to this machine, and says where its data is", async () => {
    await withWorkerd();
    const { url, said } = await serving(["dev"]);
    expect(said).toContain("open to everybody on this machine");
    expect(said).toContain(join(dir, ".edgeq/serve"));
    expect(existsSync(join(dir, ".edgeq/serve"))).toBe(true);
    const page = await fetch(url);
    expect([page.status, page.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
    expect(await page.text()).toContain("<!doctype html>");
    expect((await edgeq(["--url", url, "send", "hello", '{"to": "world"}'])).code).toBe(0);
    const worked = await edgeq(["--url", url, "work", "hello", "--until-empty", "cat"]);
    expect(worked).toMatchObject({ code: 0, stdout: expect.stringContaining('{"to":"world"}') as string });
  });

  it.each(["flock", "perl"])("serves on a Node without SQLite, where %s locks its folder", async (program) => {
    await withWorkerd();
    const env = { NODE_OPTIONS: "--no-experimental-sqlite", PATH: await pathWith(program) };
    const state = `without-sqlite-${program}`;
    const { url } = await serving(["dev", "--state", state], env);
    expect((await edgeq(["--url", url, "send", "hello", "1"], env)).code).toBe(0);
    expect(await edgeq(["dev", "--state", state, "--port", "0"], env)).toMatchObject({
      code: 1,
      stderr: inUse(state),
    });
  });

  it("serves no folder twice, on whichever kind of Node", async () => {
    await withWorkerd();
    const without = { NODE_OPTIONS: "--no-experimental-sqlite" };
    const state = "of-two-kinds";
    const refused = { code: 1, stderr: inUse(state) };
    await serving(["dev", "--state", state]);
    expect(await edgeq(["dev", "--state", state, "--port", "0"], without)).toMatchObject(refused);
    await serving(["dev", "--state", `${state}-too`], without);
    expect(await edgeq(["dev", "--state", `${state}-too`, "--port", "0"])).toMatchObject({ code: 1 });
  });

  it("says what a Node without SQLite takes to lock its folder", async () => {
    await withWorkerd();
    const env = { NODE_OPTIONS: "--no-experimental-sqlite", PATH: await pathWith() };
    const { code, stderr } = await edgeq(["dev", "--state", "unlocked"], env);
    expect(stderr).toContain("locking it takes flock or perl, or Node 22.13 or later");
    expect(code).toBe(1);
  });

  it("says in one sentence that its port is taken, or its folder may not be written", async () => {
    await withWorkerd();
    const { url } = await serving(["dev", "--state", "first"]);
    const { port } = new URL(url);
    expect(await edgeq(["dev", "--state", "second", "--port", port])).toMatchObject({
      code: 1,
      stderr: `edgeq: 127.0.0.1:${port} is taken: stop what listens there, or choose another PORT [failed]\n`,
    });
    const { code, stderr } = await edgeq(["dev", "--state", "/sys/edgeq", "--port", "0"]);
    expect(stderr).toMatch(
      /^edgeq: \/sys\/edgeq cannot keep the state: E(PERM|ACCES|ROFS).*; choose a folder that can with --state \[failed\]\n$/,
    );
    expect(code).toBe(1);
    // The system says that /proc is missing, whatever is to be made in it.
    expect(await edgeq(["dev", "--state", "/proc/edgeq", "--port", "0"])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^edgeq: \/proc\/edgeq cannot keep the state: ENOENT.*\[failed\]\n$/) as string,
    });
  });

  it("refuses a folder that another server uses, and a port that is none", async () => {
    await withWorkerd();
    await serving(["dev"]);
    expect(await edgeq(["dev"], { PORT: "0" })).toMatchObject({
      code: 1,
      stderr: inUse(".edgeq/serve"),
    });
  });

  it.each([
    [["--port", "http"], 'PORT: given "http", allowed: 0 to 65535'],
    [["--host", "192.0.2.1"], 'HOST: given "192.0.2.1", allowed: a loopback address'],
    [["--state", ""], '--state: given "", allowed: the name of a folder'],
  ])("ends with the status of wrong arguments for %j", async (args, why) => {
    await withWorkerd();
    const { code, stderr } = await edgeq(["dev", ...args]);
    expect(stderr).toMatch(/^edgeq: .* \[usage\]\n$/);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(why) as string });
  });

  it.each([
    ["EDGEQ_LOG", "loud", "off, failures, all"],
    ["EDGEQ_CORS_ORIGINS", "https://app.example.com/page", "origins such as https://app.example.com"],
    ["EDGEQ_ALLOWED_HOSTS", "box.local, http://box", "hosts, with a port or without"],
  ])("does not start with %s=%s", async (name, given, allowed) => {
    await withWorkerd();
    const { code, stderr } = await edgeq(["dev", "--port", "0"], { [name]: given });
    expect(stderr).toContain(`${name}: given "${given}", allowed: ${allowed}`);
    expect(code).toBe(2);
  });

  it.each([
    ["fails", "#!/bin/sh\necho 'no such' >&2\necho library >&2\nexit 1\n", 0o755, "no such library"],
    ["is no program", "", 0o644, "spawn .* EACCES"],
  ])("says in one sentence that workerd cannot start when it %s", async (_what, program, mode, why) => {
    const path = join(dir, `workerd-${mode}`);
    await writeFile(path, program, { mode });
    await withModule("workerd", `module.exports = { default: ${JSON.stringify(path)} };`);
    const { code, stderr } = await edgeq(["dev", "--port", "0"]);
    const form = `^edgeq: workerd did not start: ${why}; to install it anew: npm install workerd \\[failed\\]\n$`;
    expect(stderr).toMatch(new RegExp(form));
    expect(code).toBe(1);
  });

  it("says in one sentence that workerd is that of another system", async () => {
    await withModule("workerd", 'throw new Error("\\nYou installed workerd on another platform.\\n");');
    const { code, stderr } = await edgeq(["dev", "--port", "0"]);
    expect(stderr).toMatch(/^edgeq: workerd has no program for this machine \(.*run npm install here \[failed\]\n$/);
    expect(code).toBe(1);
  });
});

describe("edgeq serve", () => {
  it.each([
    [{}, "EDGEQ_KEYS is not set"],
    [{ EDGEQ_KEYS: "junk" }, "EDGEQ_KEYS: not JSON"],
    [{ EDGEQ_KEYS: '{"k1":"short"}' }, "EDGEQ_KEYS: the secret of key k1 has 5 bytes"],
    [{ EDGEQ_ISSUERS: "junk" }, "EDGEQ_ISSUERS: issuers: given"],
    [{ EDGEQ_KEYS: KEYS, EDGEQ_ISSUERS: '[{"issuer":"i"}]' }, "EDGEQ_ISSUERS: issuers[0].audience: given nothing"],
  ])("does not start with %j", async (env, why) => {
    await withWorkerd();
    const { code, stdout, stderr } = await edgeq(["serve", "--port", "0"], env);
    expect(stderr).toContain(why);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  });

  it("lets holders of a token in, and nobody else", async () => {
    await withWorkerd();
    const { url } = await serving(["serve", "--state", "data"], { EDGEQ_KEYS: KEYS });
    expect((await edgeq(["--url", url, "send", "orders", "1"])).code).toBe(4);
    const { stdout: token } = await edgeq(["token", "--queue", "orders", "--can", "enqueue"], { EDGEQ_KEYS: KEYS });
    expect((await edgeq(["--url", url, "--token", token.trim(), "send", "orders", "1"])).code).toBe(0);
    expect(existsSync(join(dir, "data"))).toBe(true);
  });
});
