// EDGEQ_LOG: a line a request, which says who asked for what and what it cost, and never what was in it.

import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { logChoice } from "../../src/http/log-choice.ts";
import { RequestLog } from "../../src/http/request-log.ts";
import worker from "../../src/index.ts";
import { KEYS, tokenOf } from "./token-builder.ts";

const lines: Record<string, unknown>[] = [];
beforeEach(() => {
  lines.length = 0;
  for (const method of ["log", "error"] as const) {
    vi.spyOn(console, method).mockImplementation((line: unknown) => {
      if (typeof line === "string" && line.startsWith('{"log"'))
        lines.push(JSON.parse(line) as Record<string, unknown>);
    });
  }
});
async function ask(method: string, path: string, log: string, body?: unknown, token = ""): Promise<Response> {
  const request = new Request(`http://localhost${path}`, {
    method,
    headers: { "content-type": "application/json", ...(token === "" ? {} : { authorization: `Bearer ${token}` }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const ctx = createExecutionContext();
  const { QUEUE, DIRECTORY } = env;
  const access = token === "" ? { EDGEQ_AUTH: "open" } : { EDGEQ_KEYS: KEYS };
  const response = await worker.fetch(request, { QUEUE, DIRECTORY, ...access, EDGEQ_LOG: log }, ctx);
  await response.text();
  await waitOnExecutionContext(ctx);
  return response;
}

test("a line says operation, queue, outcome, time, rows and the token's subject, and nothing of the payload or the token", async () => {
  const token = await tokenOf({ claims: { sub: "worker-7", queues: ["*"], can: ["enqueue", "browse"] } });
  await ask("POST", "/v1/queues/logged/tasks", "all", { payload: "secret-payload", id: "secret-id" }, token);
  await ask("GET", "/v1/queues/logged", "all", undefined, token);
  await ask("POST", "/v1/queues/logged/purge", "all", {}, token);
  const common = { log: "request", queue: "logged", subject: "worker-7", ms: expect.any(Number) };
  expect(lines).toEqual([
    {
      ...common,
      method: "POST",
      operation: "enqueue",
      code: null,
      status: 201,
      rowsRead: expect.any(Number),
      rowsWritten: expect.any(Number),
    },
    {
      ...common,
      method: "GET",
      operation: "getQueue",
      code: null,
      status: 200,
      rowsRead: expect.any(Number),
      rowsWritten: expect.any(Number),
    },
    expect.objectContaining({ operation: "purge", code: "forbidden", status: 403, rowsRead: null, rowsWritten: null }),
  ]);
  expect(lines[0]?.["rowsWritten"]).toBeGreaterThanOrEqual(2);
  expect(JSON.stringify(lines)).not.toMatch(/secret|eyJ/);
});

test("rows are counted once: over all lines they are what the object has read and written", async () => {
  await ask("POST", "/v1/queues/summed/tasks", "off", { payload: 1 });
  for (let number = 0; number < 5; number += 1)
    await ask("POST", "/v1/queues/summed/tasks", "all", { payload: number });
  const written = lines.map(({ rowsWritten }) => Number(rowsWritten));
  expect(written.slice(1)).toEqual([1, 1, 1, 1]);
});

test("by default nothing is logged, and of failures alone neither what succeeds nor what is refused", async () => {
  for (const setting of ["off", "", "failures"]) {
    await ask("GET", "/v1/overview", setting);
    await ask("GET", "/v1/queues/nothing", setting);
  }
  expect(lines).toEqual([]);
});

test("a failure of the server's own is logged whatever the share", () => {
  const log = RequestLog.of("0");
  log?.note({ code: "internal" });
  log?.write({ status: 500 }, "GET");
  log?.write({ status: 404 }, "GET", () => 0);
  expect(lines).toMatchObject([{ status: 500, code: "internal" }]);
});

describe("EDGEQ_LOG", () => {
  test.each([
    [undefined, { share: 0, failures: false }],
    ["off", { share: 0, failures: false }],
    ["failures", { share: 0, failures: true }],
    ["all", { share: 1, failures: true }],
    ["0.25", { share: 0.25, failures: true }],
    ["1.5", null],
    ["yes", null],
  ])("%s", (setting, choice) => {
    expect(logChoice(setting)).toEqual(choice);
  });

  test("a share is that share of the lines", () => {
    const log = RequestLog.of("0.25");
    for (const number of [0, 0.1, 0.24, 0.25, 0.5, 0.99]) log?.write({ status: 200 }, "GET", () => number);
    expect(lines).toHaveLength(3);
  });
});
