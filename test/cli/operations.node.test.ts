// Every operation that is declared can be asked for on the command line. The server here answers with each declaration's example.

import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { metrics, reference } from "../../src/api/endpoints.ts";
import { ENDPOINTS } from "../../src/api/openapi.ts";
import type { Endpoint } from "../../src/api/operation.ts";
import { runCli } from "./run-cli.ts";

const CLAIM = "1.2.3";
const DECLARED: readonly Endpoint[] = [...ENDPOINTS, metrics, reference];

/** What is asked for in other ways, and why. */
const WITHOUT_COMMAND = {
  settle: "acks and nacks in one request: ack and nack send them",
  pause: "the setting paused, which edgeq pause changes",
  resume: "the same",
  openSocket: "a way to ask, which a shell does not need",
  watchOverview: "for the dashboard: edgeq top looks again and again",
  metrics: "for Prometheus",
  describe: "for programs; a browser shows it",
  reference: "a page",
};

/** Where one command writes what another reads. */
const dir = await mkdtemp(join(tmpdir(), "edgeq-operations-"));

const COMMANDS: readonly (readonly string[])[] = [
  ["send", "q", "1"],
  ["claim", "q"],
  ["ack", "q", CLAIM],
  ["nack", "q", CLAIM],
  ["extend", "q", CLAIM, "--timeout", "30s"],
  ["peek", "q"],
  ["peek", "q", "order-7"],
  ["search", "q", "state:dead error:timeout"],
  ["search", "q", "state:dead", "--apply", "redrive", "--yes"],
  ["change", "q", "order-7", "--priority", "1"],
  ["cancel", "q", "order-7", "--force"],
  ["release", "q", "order-7"],
  ["modify", "q", '{"insert":[{"payload":1}]}'],
  ["documents", "list", "q"],
  ["documents", "get", "q", "k"],
  ["documents", "put", "q", "k", "1"],
  ["documents", "delete", "q", "k"],
  ["keys", "q"],
  ["keys", "q", "tenant-42"],
  ["keys", "q", "tenant-42", "weight=5"],
  ["keys", "q", "tenant-42", "--reset"],
  ["keys", "q", "tenant-42", "--unblock"],
  ["outbox", "list", "q"],
  ["outbox", "retry", "q"],
  ["stats", "q"],
  ["cost", "q"],
  ["settings", "q", "maxAttempts=1"],
  ["pause", "q"],
  ["resume", "q"],
  ["redrive", "q"],
  ["export", "q", join(dir, "q.jsonl")],
  ["import", "q", join(dir, "q.jsonl")],
  ["rewind", "q", "--to", "2026-11-27T09:30:00Z", "--yes"],
  ["rewind", "q", "--done", "--yes"],
  ["purge", "q", "--yes"],
  ["delete", "q", "--yes"],
  ["history", "q"],
  ["consumers", "q"],
  ["queues"],
  ["tokens", "make", "--queue", "orders", "--can", "enqueue"],
  ["tokens", "revoke", "an-id"],
  ["tokens", "revoked"],
  ["overview"],
  ["top", "--count", "1"],
  ["doctor"],
];

let server: Server;
let url: string;
const asked = new Set<string>();

beforeAll(async () => {
  server = createServer((request, response) => {
    const declared = DECLARED.find(
      ({ method, path }) => method === request.method && formOf(path).test(request.url ?? ""),
    );
    asked.add(declared?.name ?? `${request.method} ${request.url}`);
    request.resume().on("end", () => {
      response.writeHead(declared?.status ?? 404, { "content-type": "application/json" });
      response.end(JSON.stringify(declared?.example.answer ?? {}));
    });
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.close();
  await rm(dir, { recursive: true, force: true });
});

/** Of the addresses that a path stands for, with any query. */
function formOf(path: string): RegExp {
  return new RegExp(`^${path.replaceAll(".", "\\.").replaceAll(/:\w+/g, "[^/?]+")}(\\?.*)?$`);
}

test("every declared operation has its command", { timeout: 300_000 }, async () => {
  for (const command of COMMANDS) await runCli(command, { url });
  const names = DECLARED.map(({ name }) => name);
  expect([...asked].filter((name) => !names.includes(name))).toEqual([]);
  expect(names.filter((name) => !asked.has(name)).toSorted()).toEqual(Object.keys(WITHOUT_COMMAND).toSorted());
});

test("top shows what is wrong with each queue, the oldest task and what comes and goes", async () => {
  const { status, stdout } = await runCli(["top", "--count", "1"], { url });
  const [, ...lines] = stdout.split("\n").map((line) => line.split(/  +/));
  expect([status, lines]).toEqual([
    0,
    [
      ["QUEUE", "READY", "DELAYED", "CLAIMED", "DEAD", "OLDEST", "IN/MIN", "OUT/MIN", "TROUBLE"],
      ["orders", "12", "3", "2", "0", "4s", "118", "121", "deaths"],
      [""],
    ],
  ]);
});

test("overview shows each queue as it last reported", async () => {
  const { status, stdout } = await runCli(["overview"], { url });
  expect([status, stdout.split("\n").map((line) => line.split(/  +/))]).toEqual([
    0,
    [
      ["QUEUE", "READY", "DELAYED", "CLAIMED", "DEAD", "CONSUMERS", "REPORTED"],
      ["orders", "12", "3", "2", "0", "2", "3s ago"],
      [""],
    ],
  ]);
});
