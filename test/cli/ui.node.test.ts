// edgeq ui: the page of a server elsewhere, and who is answered by the process that holds its token.

import { once } from "node:events";
import { get } from "node:http";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { Queue } from "../../src/client/index.ts";
import { CHROMIUM, NEEDS_CHROMIUM, openProfile } from "../dashboard/browser.ts";
import { KEYS, tokenOf } from "../http/token-builder.ts";
import { serverForTests } from "../node/server-for-tests.ts";
import { startTwoVersions } from "../upgrade/two-versions.ts";
import { RunningCli } from "./run-cli.ts";

const server = serverForTests({ EDGEQ_KEYS: KEYS });
let token: string;
beforeAll(async () => {
  token = await tokenOf();
  await new Queue("orders", { url: server.url, token }).enqueue("hello", { id: "a" });
});

async function withDashboard(
  args: readonly string[],
  use: (url: string) => Promise<void>,
  of: string = server.url,
): Promise<void> {
  const cli = new RunningCli(["--url", of, ...args, "ui"], {});
  const [, url = ""] = await cli.says(/is at (\S+)/);
  await use(url);
  cli.signal("SIGINT");
  expect(await cli.ended).toMatchObject({ status: 0, stderr: "" });
}

/** By Node's own request: fetch sets the header Host itself. */
function statusOf(url: string, headers: Record<string, string>): Promise<number | undefined> {
  return new Promise((fulfil, reject) => {
    const request = get(`${url}/v1/queues`, { headers }, (response) => {
      response.resume();
      fulfil(response.statusCode);
    });
    request.once("error", reject);
  });
}

const PAGE = { "x-edgeq-page": "1" };

test("the page is served, and its requests go to the server with the token", async () => {
  await withDashboard(["--token", token], async (url) => {
    expect(await (await fetch(url)).text()).toContain("<title>edgeq</title>");
    const session = await fetch(`${url}/session`, { headers: PAGE });
    expect(await session.json()).toMatchObject({ open: false, queues: ["*"] });
    const task = await fetch(`${url}/v1/queues/orders/tasks/a`, { headers: PAGE });
    expect(await task.json()).toMatchObject({ payload: "hello" });
    const body = JSON.stringify({ payload: 1, id: "b" });
    const headers = { ...PAGE, origin: url, "content-type": "application/json" };
    expect((await fetch(`${url}/v1/queues/orders/tasks`, { method: "POST", headers, body })).status).toBe(201);
  });
});

const WATCHING = { id: 1, ok: {} };

/** The first message of a socket that asks to watch, or why it has none. */
function watched(url: string, headers: Record<string, string>): Promise<unknown> {
  const socket = new WebSocket(`${url.replace("http", "ws")}/v1/queues/orders/socket`, { headers });
  return new Promise((fulfil) => {
    socket.addEventListener("open", () => socket.send(`{"id":1,"op":"watch"}`));
    socket.addEventListener("error", () => fulfil("refused"));
    socket.addEventListener("close", () => fulfil("closed"));
    socket.addEventListener("message", ({ data }) => {
      fulfil([JSON.parse(String(data)) as unknown].flat()[0]);
      socket.close();
    });
  });
}

test("the page's sockets go to the server with the token, or with the page's cookie, and end with the command", async () => {
  await withDashboard(["--token", token], async (url) => {
    expect(await watched(url, { origin: url })).toEqual(WATCHING);
    // Left open: the command ends all the same.
    const open = new WebSocket(`${url.replace("http", "ws")}/v1/queues/orders/socket`, {
      headers: { origin: url },
    });
    await once(open, "open");
  });
  await withDashboard([], async (url) => {
    expect(await watched(url, { origin: url })).toBe("refused");
    const session = { origin: url, cookie: `edgeq-session=${token}` };
    expect(await watched(url, session)).toEqual(WATCHING);
  });
});

test("no other page opens a socket, and a server that does not answer is one that refuses", async () => {
  await withDashboard(["--token", token], async (url) => {
    expect(await watched(url, {})).toBe("refused");
    expect(await watched(url, { origin: "https://evil.example" })).toBe("refused");
    expect(await watched(url, { origin: url, "sec-fetch-site": "cross-site" })).toBe("refused");
    expect(await watched(url, { origin: "http://evil.example", host: "evil.example" })).toBe("refused");
    await server.crash(async () => expect(await watched(url, { origin: url })).toBe("refused"));
    expect(await watched(url, { origin: url })).toEqual(WATCHING);
  });
});

test("no other page and no other name gets an answer that the token would give", async () => {
  await withDashboard(["--token", token], async (url) => {
    expect(await statusOf(url, {})).toBe(403);
    expect(await statusOf(url, { ...PAGE, origin: "https://evil.example" })).toBe(403);
    expect(await statusOf(url, { ...PAGE, "sec-fetch-site": "cross-site" })).toBe(403);
    expect(await statusOf(url, { ...PAGE, host: "evil.example" })).toBe(403);
    expect(await statusOf(url, PAGE)).toBe(200);
  });
});

test("a port that is taken is reported", async () => {
  await withDashboard([], async (url) => {
    const { status, stderr } = await new RunningCli(["ui", "--port", new URL(url).port], {}).ended;
    expect(stderr).toContain("is taken");
    expect(status).toBe(2);
  });
});

/** Every list of tasks has the one that is there. */
async function showsTasks(url: string): Promise<void> {
  const { page, failures } = await openProfile();
  for (const path of ["tasks", "tasks?find=id:order-*", "tasks?state=ready"]) {
    await page.goto(`${url}/queues/orders/${path}`);
    await page.getByRole("link", { name: "order-7" }).first().waitFor();
  }
  await page.goto(`${url}/queues/orders/dead`);
  await page.getByText("No dead letters").waitFor();
  expect(failures).toEqual([]);
}

describe.skipIf(CHROMIUM === null)(`edgeq ui, ${NEEDS_CHROMIUM}`, () => {
  test("without a token the page asks for one, and keeps it for its own address", async () => {
    await withDashboard([], async (url) => {
      const { page } = await openProfile();
      await page.goto(`${url}/queues/orders/tasks/a`);
      await page.getByLabel("Token").fill(token);
      await page.getByRole("button", { name: "Log in" }).click();
      await page.getByText("It is ready").waitFor();
      await page.reload();
      await page.getByText("It is ready").waitFor();
      expect(page.url()).toBe(`${url}/queues/orders/tasks/a`);
    });
  });

  test("the page of this version shows the tasks of an earlier server, which knows no past attempts", async () => {
    const versions = await startTwoVersions({ EDGEQ_AUTH: "open" });
    onTestFinished(() => versions.stop());
    const earlier = versions.url("earlier");
    await new Queue("orders", { url: earlier }).enqueue("hello", { id: "order-7" });
    await withDashboard([], showsTasks, earlier);
  });
});
