// Paths over real connections, as no URL parser would send them: plain workerd hands them on unchanged.

import { connect } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { TestServer } from "../node/test-server.ts";

let server: TestServer;

beforeAll(async () => {
  server = await TestServer.start();
});
afterAll(() => server.stop());

function statusOf(method: string, path: string): Promise<string | undefined> {
  const { hostname, port } = new URL(server.url);
  return new Promise((fulfil) => {
    let text = "";
    const socket = connect(Number(port), hostname, () => {
      socket.write(`${method} ${path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n`);
    });
    socket.setEncoding("latin1").on("data", (part: string) => (text += part));
    socket.once("close", () => fulfil(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1]));
  });
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

test("a target that is no path is not found", async () => {
  expect(await statusOf("OPTIONS", "*")).toBe("404");
});
