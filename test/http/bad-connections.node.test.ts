// What only a real connection can send to plain workerd: broken framing, half a body, lengths that lie. The server
// answers or hangs up, goes on serving, and no half request writes anything.

import { mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { startServer, type WorkerdServer } from "../../src/serve/workerd-server.ts";
import { built } from "../node/built.ts";

let server: WorkerdServer;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "edgeq-"));
  // What it says of broken requests is not told.
  const { configPath } = await built("worker");
  server = await startServer({ stateDir: join(folder, "state"), configPath, output: "ignore" });
});
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(() => fetch(`${server.url}/v1/queues/orders`, { method: "PUT" }));

const MIB = 1_048_576;
const TASKS = "/v1/queues/orders/tasks";

/** Writes the pieces and gives all that comes back until the server hangs up or answers, or the test does. */
function talk(pieces: readonly (string | Uint8Array)[], hangUp = false): Promise<string> {
  return new Promise((fulfil) => {
    let text = "";
    const socket = connect(server.port, "127.0.0.1", () => {
      for (const piece of pieces) socket.write(piece);
      if (hangUp) socket.end(() => socket.destroy());
    });
    socket.setEncoding("utf8").on("data", (part: string) => {
      text += part;
      if (/\r\n\r\n.*\}$/s.test(text)) socket.destroy();
    });
    // A server that hangs up while it is written to resets the connection.
    socket.on("error", () => {});
    socket.once("close", () => fulfil(text));
  });
}

function head(...lines: readonly string[]): string {
  return [`POST ${TASKS} HTTP/1.1`, "host: localhost", "content-type: application/json", ...lines, "", ""].join("\r\n");
}

async function readyTasks(): Promise<number> {
  const response = await fetch(`${server.url}/v1/queues/orders`);
  return ((await response.json()) as { stats: { ready: number } }).stats.ready;
}

test("a declared length past 16 MiB is refused before a byte of the body is sent", async () => {
  const answer = await talk([head(`content-length: ${16 * MIB + 1}`)]);
  expect(answer).toMatch(/^HTTP\/1\.1 413 /);
  expect(answer).toContain(`"code":"payload-too-large"`);
  expect(await readyTasks()).toBe(0);
});

test("a body in chunks is refused when it passes 16 MiB", async () => {
  const chunk = `100000\r\n${" ".repeat(MIB)}\r\n`;
  const answer = await talk([head("transfer-encoding: chunked"), ...Array.from({ length: 17 }, () => chunk)]);
  expect(answer).toMatch(/^HTTP\/1\.1 413 /);
  expect(await readyTasks()).toBe(0);
});

test("a body that ends before its declared length writes nothing", async () => {
  await talk([head("content-length: 1000"), `{"payload":1}`], true);
  expect(await readyTasks()).toBe(0);
});

test("a chunked body that breaks off writes nothing", async () => {
  await talk([head("transfer-encoding: chunked"), `d\r\n{"payload":1}\r\n`], true);
  expect(await readyTasks()).toBe(0);
});

test("a chunk that is none is reported as a body that broke off", async () => {
  const answer = await talk([head("transfer-encoding: chunked"), "xyz\r\n"]);
  expect(answer).toMatch(/^HTTP\/1\.1 400 /);
  expect(answer).toContain("a body that broke off");
  expect(await readyTasks()).toBe(0);
});

// workerd answers these before any code of ours runs.
test.each<[name: string, pieces: string[]]>([
  ["no HTTP", ["hello\r\n\r\n"]],
  ["a length that is none", [head("content-length: many"), `{"payload":1}`]],
  ["a negative length", [head("content-length: -13"), `{"payload":1}`]],
  ["a method of its own", [`FROB ${TASKS} HTTP/1.1\r\nhost: localhost\r\n\r\n`]],
  ["a head of a megabyte", [head(`x-padding: ${"x".repeat(MIB)}`, "content-length: 13"), `{"payload":1}`]],
  [
    "a hundred thousand headers",
    [head(...Array.from({ length: 100_000 }, (_, n) => `x-${n}: 1`), "content-length: 13")],
  ],
])("%s is refused by the server itself", async (_name, pieces) => {
  expect(await talk(pieces)).toMatch(/^HTTP\/1\.1 [45]\d\d |^$/);
  expect(await readyTasks()).toBe(0);
});
