// `npm start`, whole: wrangler dev comes up without a network or an account, keeps its state, and goes without a trace.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { exitOf } from "../../src/serve/child-exit.ts";
import { freePort } from "../../src/serve/listen-address.ts";
import { finishScript, runScript, temporaryFolder, type RunningScript } from "./run-script.ts";

async function start(
  stateDir: string,
  env: Readonly<Record<string, string>> = {},
): Promise<{ script: RunningScript; url: string }> {
  // Of the environment that a person may have, nothing that wrangler could log in with.
  const script = runScript("start.ts", ["--state", stateDir], { PORT: "0", ...env });
  const [url] = await script.said(/http:\/\/127\.0\.0\.1:\d+/);
  return { script, url };
}

async function post(url: string, path: string, body: unknown): Promise<unknown> {
  const response = await fetch(`${url}/v1/queues/hello/${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  return response.json();
}

/** Ended, and nothing that it started is left; wrangler's bundler takes a moment to notice. */
async function endsCleanly(script: RunningScript, signal: NodeJS.Signals): Promise<void> {
  script.signal(signal);
  expect(await script.exited).toEqual({ code: 0, signal: null });
  await expect.poll(() => script.isGroupAlive(), { timeout: 10_000 }).toBe(false);
  expect(script.stderr()).toBe("");
}

const SHOP = {
  "wrangler.toml": `
    name = "shop"
    main = "worker.js"
    compatibility_date = "2026-08-15"
    [[services]]
    binding = "EDGEQ"
    service = "edgeq"
    entrypoint = "QueueService"
    props = { queues = ["hello"], can = ["enqueue"] }`,
  "worker.js": `
    export default {
      async fetch(request, { EDGEQ }) {
        return Response.json(await EDGEQ.enqueue("hello", { tasks: [{ payload: "from the shop" }] }));
      },
    };`,
};

/** A Worker with a binding to the queue, in a `wrangler dev` of its own. @returns its address */
async function startShop(env: Readonly<Record<string, string>>): Promise<string> {
  const dir = temporaryFolder();
  for (const [name, text] of Object.entries(SHOP)) writeFileSync(join(dir, name), text);
  const port = await freePort({ host: "127.0.0.1", port: 0 });
  const wrangler = fileURLToPath(import.meta.resolve("wrangler"));
  const shop = spawn(process.execPath, [wrangler, "dev", `--port=${port}`, "--inspector-port=0"], {
    cwd: dir,
    env: {
      ...process.env,
      ...env,
      WRANGLER_SEND_METRICS: "false",
      CLOUDFLARE_CF_FETCH_ENABLED: "false",
      CI: "true",
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = exitOf(shop);
  onTestFinished(async () => {
    shop.kill("SIGTERM");
    await exited;
  });
  let said = "";
  for await (const text of shop.stdout.setEncoding("utf8").iterator({ destroyOnReturn: false })) {
    said += text;
    if (said.includes("Ready on") && said.includes("local [connected]")) break;
  }
  return `http://127.0.0.1:${port}`;
}

/** Twenty claims that wait, each of which its caller gives up. */
async function giveUpPolls(url: string): Promise<void> {
  const polls = Array.from({ length: 20 }, async (_, poll) => {
    const signal = AbortSignal.timeout(100 + 50 * poll);
    const body = `{"waitMs":20000}`;
    const headers = { "content-type": "application/json" };
    await fetch(`${url}/v1/queues/hello/claim`, { method: "POST", headers, body, signal }).then((response) =>
      response.text(),
    );
  });
  expect((await Promise.allSettled(polls)).map(({ status }) => status)).toEqual(polls.map(() => "rejected"));
}

// One test for all that needs it running: each start of wrangler takes as much of the processor as a hundred commands.
test("a task is there after a restart, another wrangler dev finds it, and nothing is left running or said after a stop", async () => {
  const state = temporaryFolder();
  const registry = { WRANGLER_REGISTRY_PATH: temporaryFolder() };
  const before = await start(state, registry);
  expect(before.script.stdout()).toContain("on loopback only");
  expect(await post(before.url, "tasks", { payload: "hello" })).toMatchObject({ tasks: [{ version: 1 }] });
  await endsCleanly(before.script, "SIGTERM");

  const { script, url } = await start(state, registry);
  const announced = script.stdout();
  // Held for as long as the shop may take to start.
  expect(await post(url, "claim", { claimTimeoutMs: 600_000 })).toMatchObject({ tasks: [{ payload: "hello" }] });
  const shop = await startShop(registry);
  expect(await (await fetch(`${shop}/`)).json()).toMatchObject({ kind: "answer" });
  expect(await post(url, "claim", {})).toMatchObject({ tasks: [{ payload: "from the shop" }] });
  await giveUpPolls(url);
  expect(await post(url, "tasks", { payload: "hello" })).toMatchObject({ tasks: [{ version: 1 }] });
  await endsCleanly(script, "SIGINT");
  expect(script.stdout()).toBe(announced);
});

test("a port that is taken is reported", async () => {
  const other = createServer().listen(0, "127.0.0.1");
  onTestFinished(() => void other.close());
  await once(other, "listening");
  const { port } = other.address() as AddressInfo;
  const refused = await finishScript("start.ts", ["--state", temporaryFolder()], { PORT: String(port) });
  expect(refused.code).toBe(1);
  expect(refused.stderr).toContain(`127.0.0.1:${port} is taken`);
});
