// `npm start`, whole: wrangler dev comes up without a network or an account, keeps its state, and goes without a trace.

import { expect, test } from "vitest";
import { runScript, temporaryFolder, type RunningScript } from "./run-script.ts";

async function start(stateDir: string): Promise<{ script: RunningScript; url: string }> {
  // Of the environment that a person may have, nothing that wrangler could log in with.
  const script = runScript("start.ts", ["--state", stateDir], { PORT: "0" });
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

test("a task is there after a restart, and nothing is left running after a stop", { timeout: 120_000 }, async () => {
  const state = temporaryFolder();
  const before = await start(state);
  expect(before.script.stdout()).toContain("on loopback only");
  expect(await post(before.url, "tasks", { payload: "hello" })).toMatchObject({ tasks: [{ version: 1 }] });
  await endsCleanly(before.script, "SIGTERM");

  const after = await start(state);
  expect(await post(after.url, "claim", {})).toMatchObject({ tasks: [{ payload: "hello" }] });
  await endsCleanly(after.script, "SIGINT");
});

test("long polls that are given up leave no words behind", { timeout: 120_000 }, async () => {
  const { script, url } = await start(temporaryFolder());
  const stdout = script.stdout();
  const polls = Array.from({ length: 20 }, async (_, poll) => {
    const signal = AbortSignal.timeout(100 + 50 * poll);
    const body = `{"waitMs":20000}`;
    const headers = { "content-type": "application/json" };
    await fetch(`${url}/v1/queues/hello/claim`, { method: "POST", headers, body, signal }).then((response) =>
      response.text(),
    );
  });
  expect((await Promise.allSettled(polls)).map(({ status }) => status)).toEqual(polls.map(() => "rejected"));
  expect(await post(url, "tasks", { payload: "hello" })).toMatchObject({ tasks: [{ version: 1 }] });
  await endsCleanly(script, "SIGTERM");
  expect(script.stdout()).toBe(stdout);
});

test("a port that is taken is said so", { timeout: 120_000 }, async () => {
  const first = await start(temporaryFolder());
  const { port } = new URL(first.url);
  const second = runScript("start.ts", ["--state", temporaryFolder()], { PORT: port });
  expect(await second.exited).toEqual({ code: 1, signal: null });
  expect(second.stderr()).toContain(`127.0.0.1:${port} is taken`);
});
