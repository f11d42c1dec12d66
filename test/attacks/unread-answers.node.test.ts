// Clients that ask for large answers and do not read them, over real connections: what is held for them is bounded, those who claim
// keep nothing from others, and they are given up in the end.

import { connect, type Socket } from "node:net";
import { afterAll, expect, test } from "vitest";
import { WORKER_PARTS } from "../../src/core/held-bytes.ts";
import { serverForTests } from "../node/server-for-tests.ts";

/** Of one answer: as many tasks of a million characters as one may have. */
const TASKS = 12;

const server = serverForTests();
const unread: Socket[] = [];

afterAll(async () => {
  for (const socket of unread) socket.destroy();
});

async function post(path: string, body: unknown): Promise<Response> {
  const headers = { "content-type": "application/json" };
  return fetch(`${server.url}/v1/queues/${path}`, { method: "POST", headers, body: JSON.stringify(body) });
}

async function fill(queue: string, lanes: number): Promise<void> {
  for (let n = 0; n < lanes; n += 1) {
    const tasks = Array.from({ length: TASKS }, () => ({ payload: "x".repeat(1_000_000), lane: `lane-${n}` }));
    const response = await post(`${queue}/tasks`, { tasks });
    expect(response.status).toBe(201);
    await response.body?.cancel();
  }
}

interface Stalled {
  readonly status: number;
  /** The server has closed the connection. */
  readonly closed: Promise<void>;
}

/** Sends a request, and reads no more than the beginning of its answer. */
function askAndStall(request: string): Promise<Stalled> {
  const { hostname, port } = new URL(server.url);
  return new Promise((fulfil) => {
    const socket = connect({ host: hostname, port: Number(port) }, () => socket.write(request));
    unread.push(socket);
    const closed = new Promise<void>((end) => socket.once("close", () => end()));
    socket.on("error", () => {});
    socket.once("readable", () => {
      const head = socket.read(12) as Buffer | null;
      fulfil({ status: Number(head?.toString("latin1").slice(9)), closed });
    });
  });
}

function browse(queue: string): string {
  return `GET /v1/queues/${queue}/tasks?limit=${TASKS} HTTP/1.1\r\nhost: localhost\r\n\r\n`;
}

test("of 60 answers of 12 MB that nobody reads as many are held as fit into the bound, and given up in the end", async () => {
  await fill("pages", 1);
  const clients = await Promise.all(Array.from({ length: 60 }, () => askAndStall(browse("pages"))));
  const held = clients.filter(({ status }) => status === 200);
  expect(held).toHaveLength(Math.floor(WORKER_PARTS.answers / 12_010_000));
  expect(new Set(clients.map(({ status }) => status))).toEqual(new Set([200, 503]));

  const refused = await fetch(`${server.url}/v1/queues/pages/tasks?limit=${TASKS}`);
  expect(refused.headers.get("retry-after")).toBe("1");
  expect(await refused.json()).toMatchObject({ code: "overloaded" });
  // What is small is served.
  expect((await post("pages/tasks", { payload: 1 })).status).toBe(201);

  // A claim that cannot be told gives its tasks back, their attempts not counted.
  const claim = { max: TASKS, lanes: ["lane-0"] };
  expect((await post("pages/claim", claim)).status).toBe(503);
  expect((await post("pages/claim", { ...claim, waitMs: 1_000 })).status).toBe(503);
  const view = await fetch(`${server.url}/v1/queues/pages`);
  expect(await view.json()).toMatchObject({ stats: { claimed: 0, ready: TASKS + 1 } });

  // They go on reading when it is too late.
  await Promise.all(unread.map((socket) => new Promise((end) => socket.once("end", end).resume())));
  await Promise.all(held.map(({ closed }) => closed));
  const read = await post("pages/claim", claim);
  expect(read.status).toBe(200);
  const { tasks } = (await read.json()) as { tasks: { attempts: number }[] };
  expect(tasks.map(({ attempts }) => attempts)).toEqual(Array.from({ length: TASKS }, () => 1));
});
