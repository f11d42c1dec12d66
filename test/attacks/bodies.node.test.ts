// Bodies that cost more than they weigh, and refusals of bodies that are still being sent, over real connections.

import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { KEYS, tokenOf } from "../http/token-builder.ts";
import { serverForTests } from "../node/server-for-tests.ts";
import { exchange } from "./exchange.ts";

const MIB = 1_048_576;
const TASKS = "/v1/queues/orders/tasks";

const server = serverForTests({ EDGEQ_KEYS: KEYS });
let token: string;

beforeAll(async () => {
  token = await tokenOf();
});

/** The most memory that the server has ever had. */
function peakBytes(): number {
  const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${server.pid}/status`, "utf8")) ?? [];
  return Number(kilobytes) * 1_024;
}

function head(...lines: readonly string[]): string {
  return [`POST ${TASKS} HTTP/1.1`, "host: localhost", "content-type: application/json", ...lines, "", ""].join("\r\n");
}

describe.runIf(process.platform === "linux")("memory", () => {
  test("a body of 200,000 one-byte chunks takes little more than its bytes", async () => {
    const before = peakBytes();
    const body = `{"payload":"${"x".repeat(200_000)}"}`;
    const chunks = Buffer.from(body.replaceAll(/[^]/g, "1\r\n$&\r\n"));
    const answer = await exchange(
      server.url,
      [head(`authorization: Bearer ${token}`, "transfer-encoding: chunked"), chunks, "0\r\n\r\n"],
      (text) => text.includes("\r\n\r\n"),
    );
    expect(answer).toMatch(/^HTTP\/1\.1 201 /);
    expect(peakBytes() - before).toBeLessThan(100 * MIB);
  });

  test.each(["[],", "{},", "0,"])("16 MiB of %s are refused before they are parsed", async (piece) => {
    const before = peakBytes();
    const response = await fetch(server.url + TASKS, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: `{"payload":[${piece.repeat((16 * MIB) / piece.length - 10)}0]}`,
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ field: "body", allowed: "at most 1,000,000 values" });
    expect(peakBytes() - before).toBeLessThan(200 * MIB);
  });
});

test("a body of 700,000 different names is refused before they are parsed", async () => {
  const names = Array.from({ length: 700_000 }, (_, index) => `"${index.toString(36)}":1`);
  const response = await fetch(server.url + TASKS, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: `{"payload":{${names.join(",")}}}`,
  });
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ field: "body", allowed: "at most 100,000 different names" });
});

/** As the dashboard's own page logs in: anybody can say so. */
function logIn(body: string): Promise<Response> {
  const headers = { "x-edgeq-page": "1", "content-type": "application/json" };
  return fetch(`${server.url}/session`, { method: "POST", headers, body });
}

test.each([8_000, 100_000, 16 * MIB - 20])(
  "a login of %i bytes, which anybody may send, is refused before it is parsed",
  async (bytes) => {
    const response = await logIn(`{"token":[${"[],".repeat(bytes / 3)}0]}`);
    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject({ field: "body", allowed: "at most 7,800 bytes" });
  },
);

describe("a refusal reaches a client that is still sending", () => {
  test.each([
    ["without a token", 401],
    ["past 16 MiB", 413],
  ])("%s", async (_, status) => {
    const statuses = new Set<number>();
    for (let n = 0; n < 10; n += 1) {
      const response = await fetch(server.url + TASKS, {
        method: "POST",
        headers: status === 401 ? {} : { authorization: `Bearer ${token}` },
        body: "x".repeat(24 * MIB),
      });
      statuses.add(response.status);
      await response.text();
    }
    expect([...statuses]).toEqual([status]);
  });

  test("of a login", async () => {
    const statuses = new Set<number>();
    for (let n = 0; n < 10; n += 1) statuses.add((await logIn("x".repeat(24 * MIB))).status);
    expect([...statuses]).toEqual([413]);
  });

  test("sent in chunks, its length not declared", async () => {
    const chunk = `100000\r\n${" ".repeat(MIB)}\r\n`;
    const pieces = [
      head(`authorization: Bearer ${token}`, "transfer-encoding: chunked"),
      ...Array.from({ length: 24 }, () => chunk),
      "0\r\n\r\n",
    ];
    expect(await exchange(server.url, pieces, (text) => text.includes("payload-too-large"))).toMatch(
      /^HTTP\/1\.1 413 /,
    );
  });

  test.each([13, 100_000, 4 * MIB])("and the connection serves the next request after %i bytes", async (bytes) => {
    const next = "GET /v1/health HTTP/1.1\r\nhost: localhost\r\n\r\n";
    const pieces = [head(`content-length: ${bytes}`), "x".repeat(bytes), next];
    const answers = await exchange(server.url, pieces, (text) => text.includes('"status":"ok"'));
    expect(answers).toMatch(/^HTTP\/1\.1 401 [^]*HTTP\/1\.1 200 /);
  });
});

test("a compressed body is refused, not kept as the bytes that it is", async () => {
  const response = await fetch(server.url + TASKS, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "text/plain", "content-encoding": "gzip" },
    body: "x",
  });
  expect(response.status).toBe(415);
  expect(response.headers.get("accept-encoding")).toBe("identity");
  expect(await response.json()).toMatchObject({ field: "content-encoding", given: "gzip" });
});

test("others are answered between large bodies that come at once", async () => {
  const object = `{${Array.from({ length: 90_000 }, (_, index) => `"${index.toString(36)}":1`).join(",")}}`;
  const init = {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: `{"payload":[${[object, object, object].join(",")}]}`,
  };
  const answered: number[] = [];
  const all = Array.from({ length: 8 }, async () => answered.push((await fetch(server.url + TASKS, init)).status));
  let most = 0;
  while (answered.length < all.length) {
    const before = answered.length;
    await (await fetch(`${server.url}/v1/health`)).text();
    most = Math.max(most, answered.length - before);
  }
  expect(new Set(answered)).toEqual(new Set([413]));
  expect(most).toBeLessThanOrEqual(4);
});
