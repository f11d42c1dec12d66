// The queue on plain workerd, whole: stopped, killed and started again over the same folder. `npm run serve` builds the Worker at each
// start; what both have in common is shown with `edgeq dev`, which has it.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { startServer } from "../../src/serve/workerd-server.ts";
import { KEYS } from "../http/token-builder.ts";
import { built } from "../node/built.ts";
import { SteppedClock } from "../torture/stepped-clock.ts";
import { finishScript, runScript, temporaryFolder, type RunningScript } from "./run-script.ts";

interface ClaimedTask {
  readonly id: string;
  readonly claim: string;
  readonly payload: unknown;
}

interface Served {
  readonly script: RunningScript;
  readonly url: string;
}

async function serve(stateDir: string, env: Readonly<Record<string, string>> = {}): Promise<Served> {
  const script = runScript("serve.ts", ["--state", stateDir], { PORT: "0", ...env });
  const [url] = await script.said(/http:\/\/[\d.]+:\d+/);
  return { script, url };
}

async function edgeqDev(stateDir: string, env: Readonly<Record<string, string>> = {}): Promise<Served> {
  const script = await startEdgeqDev(stateDir, env);
  const [url] = await script.said(/http:\/\/[\d.]+:\d+/);
  return { script, url };
}

async function startEdgeqDev(stateDir: string, env: Readonly<Record<string, string>> = {}): Promise<RunningScript> {
  // Where the command line looks for it.
  await built("worker");
  return runScript(await built("cli"), ["dev", "--state", stateDir], { PORT: "0", ...env });
}

async function post<Answer>(url: string, path: string, body: unknown): Promise<Answer> {
  const response = await fetch(`${url}/v1/queues/orders/${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  expect(response.ok).toBe(true);
  return (await response.json()) as Answer;
}

async function claimAll(url: string): Promise<readonly ClaimedTask[]> {
  return (await post<{ tasks: ClaimedTask[] }>(url, "claim", { max: 1_000, claimTimeoutMs: 600_000 })).tasks;
}

test("what was enqueued before a stop is claimed after the next start; without keys it says that it is open", async () => {
  const state = temporaryFolder();
  const before = await serve(state);
  expect(before.script.stdout()).toMatch(/EDGEQ_AUTH=open.*loopback only/);
  const payloads = ["a", { b: 1 }, null];
  await post(before.url, "tasks", { tasks: payloads.map((payload) => ({ payload })) });
  expect(before.script.isGroupAlive()).toBe(true);
  before.script.signal("SIGTERM");
  expect(await before.script.exited).toEqual({ code: 0, signal: null });
  expect(before.script.isGroupAlive()).toBe(false);

  const after = await serve(state);
  expect((await claimAll(after.url)).map(({ payload }) => payload)).toEqual(payloads);
  after.script.signal("SIGINT");
  expect(await after.script.exited).toEqual({ code: 0, signal: null });
});

test("whatever was answered before the power is cut holds after it (P1)", async () => {
  const state = temporaryFolder();
  const before = await edgeqDev(state);
  const held = await post<{ tasks: ClaimedTask[] }>(before.url, "tasks", { tasks: [{ payload: "held" }] }).then(() =>
    claimAll(before.url),
  );
  await post(before.url, "tasks", { tasks: [{ payload: "done" }] });
  await post(before.url, "ack", { claims: (await claimAll(before.url)).map(({ claim }) => claim) });

  // Producers that go on until there is nobody to answer; the cut comes in the middle of it.
  const answered: number[] = [];
  const producers = Array.from({ length: 8 }, async (_, producer) => {
    for (let index = 0; ; index += 1) {
      const payload = producer * 1_000_000 + index;
      try {
        await post(before.url, "tasks", { payload });
      } catch {
        return;
      }
      answered.push(payload);
      if (answered.length === 200) void before.script.cutPower();
    }
  });
  await Promise.all(producers);
  expect(answered.length).toBeGreaterThanOrEqual(200);

  const after = await edgeqDev(state);
  const there: unknown[] = [];
  for (let tasks = await claimAll(after.url); tasks.length > 0; tasks = await claimAll(after.url))
    there.push(...tasks.map(({ payload }) => payload));
  // The held task stays held, the done one done; of each producer at most its last request was in without an answer.
  expect(there).not.toContain("held");
  expect(there).not.toContain("done");
  expect(new Set(there).size).toBe(there.length);
  expect(answered.filter((payload) => !there.includes(payload))).toEqual([]);
  expect(there.length - answered.length).toBeLessThanOrEqual(producers.length);

  const claims = held.map(({ claim }) => claim);
  expect(await post(after.url, "ack", { claims })).toEqual({ results: [{ claim: claims[0], ok: true }] });
});

test("with EDGEQ_KEYS it takes tokens, and nobody without", async () => {
  const { script, url } = await serve(temporaryFolder(), { EDGEQ_KEYS: KEYS, EDGEQ_AUTH: "open" });
  expect(script.stdout()).toContain("for holders of a token");
  const ask = async (headers: Record<string, string>): Promise<number> => {
    const response = await fetch(`${url}/v1/queues/orders`, { headers });
    await response.body?.cancel();
    return response.status;
  };
  expect(await ask({})).toBe(401);
  const args = ["--queue", "orders", "--can", "browse"];
  const { stdout } = await finishScript("token.ts", args, { EDGEQ_KEYS: KEYS });
  expect(await ask({ authorization: `Bearer ${stdout.trim()}` })).toBe(404);
});

test("without keys it listens on loopback only", async () => {
  for (const HOST of ["0.0.0.0", "::", "192.0.2.1", "example.com", ""]) {
    const refused = await finishScript("serve.ts", ["--state", temporaryFolder()], { HOST, PORT: "0" });
    expect(refused).toMatchObject({ code: 1, stdout: "" });
    expect(refused.stderr).toContain(`HOST: given ${JSON.stringify(HOST)}, allowed: a loopback address`);
  }
});

test("a port that is taken is reported", async () => {
  const { url } = await edgeqDev(temporaryFolder());
  const { port } = new URL(url);
  const refused = await finishScript("serve.ts", ["--state", temporaryFolder()], { PORT: port });
  expect(refused).toMatchObject({ code: 1, stdout: "" });
  expect(refused.stderr).toBe(`edgeq: 127.0.0.1:${port} is taken: stop what listens there, or choose another PORT\n`);
});

test.each(["65536", "-1", "http", "1.5", ""])("PORT %j is refused", async (PORT) => {
  const refused = await finishScript("serve.ts", [], { PORT });
  expect(refused).toMatchObject({ code: 1, stdout: "" });
  expect(refused.stderr).toBe(`edgeq: PORT: given ${JSON.stringify(PORT)}, allowed: 0 to 65535\n`);
});

test.each(["junk", "{}", '{"k1":"short"}', ""])(
  "EDGEQ_KEYS %j does not start a server that lets nobody in",
  async (EDGEQ_KEYS) => {
    const refused = await finishScript("serve.ts", ["--state", temporaryFolder()], { EDGEQ_KEYS, PORT: "0" });
    expect(refused).toMatchObject({ code: 1, stdout: "" });
    expect(refused.stderr).toMatch(/^edgeq: EDGEQ_KEYS: .*\n$/);
  },
);

test("a state that is a file is reported in a sentence", async () => {
  const file = join(temporaryFolder(), "file");
  writeFileSync(file, "");
  const refused = await finishScript("serve.ts", ["--state", file], { PORT: "0" });
  expect(refused).toMatchObject({ code: 1, stdout: "" });
  expect(refused.stderr).toMatch(/^edgeq: .*file cannot keep the state: EEXIST[^\n]*\n$/);
});

test.runIf(process.platform === "linux")("as many files may be open as the system allows", async () => {
  const { script } = await edgeqDev(temporaryFolder());
  const [pid = 0] = script.pidsOf("workerd");
  const [, soft, hard] = /^Max open files +(\d+) +(\d+)/m.exec(readFileSync(`/proc/${pid}/limits`, "utf8")) ?? [];
  expect(soft).toBe(hard);
});

test("two servers never share a folder of state, and it is free again when the first has ended", async () => {
  const stateDir = temporaryFolder();
  const { configPath } = await built("worker");
  const options = { stateDir, configPath, output: "ignore" } as const;
  const first = await startServer(options);
  await expect(startServer(options)).rejects.toMatchObject({ kind: "state-in-use" });
  expect(await first.kill()).toEqual({ code: null, signal: "SIGKILL" });
  const second = await startServer(options);
  expect(await second.stop()).toEqual({ code: 0, signal: null });
});

test("a server that ends by itself is started again where it was, and lines say so", async () => {
  const { script, url } = await edgeqDev(temporaryFolder());
  await post(url, "tasks", { payload: "kept" });
  for (const [times, seconds] of [
    [1, "0.2"],
    [2, "0.4"],
  ] as const) {
    for (const pid of script.pidsOf("workerd")) process.kill(pid, "SIGKILL");
    await script.said(new RegExp(`(?:runs again[^]*){${times}}`));
    expect(script.stderr()).toContain(`edgeq: the server ended by itself (SIGKILL); it starts again in ${seconds} s\n`);
  }
  expect((await claimAll(url)).map(({ payload }) => payload)).toEqual(["kept"]);
  script.signal("SIGTERM");
  expect(await script.exited).toEqual({ code: 0, signal: null });
  expect(script.isGroupAlive()).toBe(false);
});

test("a server whose clock is set back by a day is started again where it was, and answers", async () => {
  const clock = SteppedClock.build({ write: () => {} }, temporaryFolder());
  // Without a C compiler nobody's clock can be set here.
  if (clock === null) return;
  onTestFinished(() => clock.close());
  const { script, url } = await edgeqDev(temporaryFolder(), clock.env);
  await post(url, "tasks", { payload: "kept" });
  clock.step(-86_400_000);
  await script.said(/the clock was set back by 86400 s[^]*runs again/);
  expect((await claimAll(url)).map(({ payload }) => payload)).toEqual(["kept"]);
  script.signal("SIGTERM");
  expect(await script.exited).toEqual({ code: 0, signal: null });
});

test("a server that is stopped while it starts leaves nothing behind", async () => {
  const script = await startEdgeqDev(temporaryFolder());
  await expect.poll(() => script.pidsOf("workerd").length, { interval: 5, timeout: 30_000 }).toBe(1);
  script.signal("SIGTERM");
  expect(await script.exited).toEqual({ code: 0, signal: null });
  expect(script.isGroupAlive()).toBe(false);
});
