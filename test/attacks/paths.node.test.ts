// Paths over real connections, as no URL parser would send them: plain workerd hands them on unchanged.

import { expect, test } from "vitest";
import { serverForTests } from "../node/server-for-tests.ts";
import { exchange } from "./exchange.ts";

const server = serverForTests();

async function statusOf(method: string, path: string, host = "localhost"): Promise<string | undefined> {
  const request = `${method} ${path} HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`;
  return /^HTTP\/1\.1 (\d+)/.exec(await exchange(server.url, [request]))?.[1];
}

test.each([
  "/v1/queues/kept/tasks/..",
  "/v1/queues/kept/tasks/%2e%2e",
  "/v1/queues/kept/documents/.%2E",
  "/v1/queues/kept/tasks/../",
  "/v1/queues/kept/",
  "/v1/queues/kept//",
  "/v1/queues/kept/tasks/a/../..",
])("DELETE %s deletes nothing", async (path) => {
  await fetch(`${server.url}/v1/queues/kept`, { method: "PUT" });
  expect(await statusOf("DELETE", path)).toBe("404");
  expect(await statusOf("GET", "/v1/queues/kept")).toBe("200");
});

test("a target that is no path is refused", async () => {
  expect(await statusOf("OPTIONS", "*")).toBe("403");
});

test.each(["evil.example", "localhost@evil.example", "evil@localhost", "127.0.0.1.evil.example", ""])(
  "Host %j is refused by an open server",
  async (host) => {
    expect(await statusOf("GET", "/v1/health", host)).toMatch(/^40[03]$/);
    expect(await statusOf("GET", "/v1/health", "127.0.0.1:1")).toBe("200");
  },
);

test("a target with a host of its own is answered as the Host header says", async () => {
  expect(await statusOf("GET", "http://evil.example/v1/health")).toBe("200");
  expect(await statusOf("GET", "http://localhost/v1/health", "evil.example")).toBe("403");
});
