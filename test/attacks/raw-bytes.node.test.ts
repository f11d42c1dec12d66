// Bytes as no client library would send them, over real connections: text that is not UTF-8, and methods that the API has not.

import { describe, expect, test } from "vitest";
import { serverForTests } from "../node/server-for-tests.ts";
import { exchange, textFrame, upgradeTo } from "./exchange.ts";

const server = serverForTests();

/** A close frame's code 1007, as the server sends it. */
const CLOSE_1007 = "\x03\xef";

/** Gives what came back when the server has closed the connection or the socket. */
function answerTo(...pieces: readonly (string | Uint8Array)[]): Promise<string> {
  return exchange(server.url, pieces, (text) => text.includes(CLOSE_1007));
}

function head(method: string, path: string, ...lines: readonly string[]): string {
  return [`${method} ${path} HTTP/1.1`, "host: localhost", ...lines, "", ""].join("\r\n");
}

describe.each([
  ["a byte that begins nothing", "\xff"],
  ["a character that breaks off", "\xc3"],
  ["a character longer than it need be", "\xc0\xaf"],
  ["half a surrogate pair", "\xed\xa0\x80"],
])("%s", (_, bytes) => {
  test("in a frame closes the socket with 1007, and no task is written", async () => {
    const answer = await answerTo(
      upgradeTo("bytes"),
      textFrame(`{"id":1,"op":"enqueue","body":{"tasks":[{"payload":"${bytes}"}]}}`),
    );
    expect(answer).toContain(`"field":"frame"`);
    expect(answer).toContain(CLOSE_1007);
    expect((await fetch(`${server.url}/v1/queues/bytes`)).status).toBe(404);
  });

  test.each(["application/json", "text/plain"])("in a body of %s is refused, and no task is written", async (type) => {
    const body = Buffer.from(type === "text/plain" ? bytes : `{"payload":"${bytes}"}`, "latin1");
    const lines = [`content-type: ${type}`, `content-length: ${body.length}`, "connection: close"];
    const answer = await answerTo(head("POST", "/v1/queues/bytes/tasks", ...lines), body);
    expect(answer).toMatch(/^HTTP\/1\.1 400 [^]*"field":"body"/);
    expect((await fetch(`${server.url}/v1/queues/bytes`)).status).toBe(404);
  });
});

describe("methods that the API has not", () => {
  test.each(["HEAD", "OPTIONS", "TRACE", "PURGE", "PROPFIND", "QUERY"])("%s is answered with 405", async (method) => {
    const answer = await answerTo(head(method, "/v1/health", "connection: close"));
    expect(answer).toMatch(/^HTTP\/1\.1 405 [^]*\r\nAllow: GET\r\n/);
  });

  // What HTTP itself does not know, the platform refuses before the Worker is asked.
  test.each(["FOO", "get", "LINK"])("%s is answered with 501", async (method) => {
    expect(await answerTo(head(method, "/v1/health"))).toMatch(/^HTTP\/1\.1 501 /);
  });

  test("one longer than any is refused before the Worker is asked, and ends nothing", async () => {
    expect(await answerTo(head("X".repeat(20_000), "/v1/health"))).toMatch(/^HTTP\/1\.1 (?:431|501) /);
    expect((await fetch(`${server.url}/v1/health`)).status).toBe(200);
  });

  // The platform's own fault, docs/decisions/0014-faults-of-the-platform.md: when this fails, CONNECT belongs above.
  test("CONNECT is answered with 500 by the platform, closes its connection, and ends nothing", async () => {
    expect(await answerTo(head("CONNECT", "localhost:80"))).toMatch(/^HTTP\/1\.1 500 [^]*\r\nConnection: close\r\n/);
    expect((await fetch(`${server.url}/v1/health`)).status).toBe(200);
  });
});

describe("requests in other forms", () => {
  const close = "connection: close\r\n\r\n";
  const post = `POST /v1/queues/bytes/tasks HTTP/1.1\r\nhost: localhost\r\n`;

  test.each([
    ["of HTTP/1.0 with a host is served", "GET /v1/health HTTP/1.0\r\nhost: localhost\r\n\r\n", /^HTTP\/1\.0 200 /],
    ["of HTTP/1.0 without one is refused", "GET /v1/health HTTP/1.0\r\n\r\n", /^HTTP\/1\.0 400 /],
    [
      "to an absolute address is served",
      `GET http://localhost/v1/health HTTP/1.1\r\nhost: localhost\r\n${close}`,
      /^HTTP\/1\.1 200 /,
    ],
    [
      "to an absolute address under a foreign name is refused",
      `GET http://other.test/v1/health HTTP/1.1\r\nhost: other.test\r\n${close}`,
      /^HTTP\/1\.1 403 [^]*"field":"host"/,
    ],
    ["without a host is refused", `GET /v1/health HTTP/1.1\r\n${close}`, /^HTTP\/1\.1 400 /],
    ["with an empty host is refused", `GET /v1/health HTTP/1.1\r\nhost:\r\n${close}`, /^HTTP\/1\.1 400 /],
    [
      "with a host that is none is refused",
      `GET /v1/health HTTP/1.1\r\nhost: a b\r\n${close}`,
      /^HTTP\/1\.1 403 [^]*"field":"host"/,
    ],
    ["to * is refused", `OPTIONS * HTTP/1.1\r\nhost: localhost\r\n${close}`, /^HTTP\/1\.1 403 /],
    ["of HTTP/2 without agreement is closed", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", /^$/],
    [
      "with two lengths is refused",
      `${post}content-length: 3\r\ncontent-length: 30\r\n${close}{}\n`,
      /^HTTP\/1\.1 400 /,
    ],
    [
      "with a length and chunks has the chunks for its body",
      `${post}content-length: 13\r\ntransfer-encoding: chunked\r\n${close}2\r\n{}\r\n0\r\n\r\n`,
      /^HTTP\/1\.1 400 [^]*"field":"payload"/,
    ],
  ])("one %s, and ends nothing", async (_, request, expected) => {
    expect(await answerTo(request)).toMatch(expected);
    expect((await fetch(`${server.url}/v1/health`)).status).toBe(200);
    expect((await fetch(`${server.url}/v1/queues/bytes`)).status).toBe(404);
  });
});
