// Pages and names from elsewhere: refused on every route of an open server, and on sockets always.

import { createExecutionContext, env } from "cloudflare:test";
import { describe, expect, test } from "vitest";
import type { Env } from "../../src/http/route.ts";
import { ROUTES } from "../../src/http/route-table.ts";
import worker from "../../src/index.ts";
import { tokenOf, KEYS } from "./token-builder.ts";

const OWN = "http://localhost:8787";
const FOREIGN = "https://evil.example";

interface Asked {
  readonly url?: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly settings?: Partial<Env>;
}

async function ask({
  url = `${OWN}/v1/queues/orders`,
  method = "PUT",
  headers = {},
  settings,
}: Asked): Promise<Response> {
  const asked: Env = { QUEUE: env.QUEUE, DIRECTORY: env.DIRECTORY, ...(settings ?? { EDGEQ_AUTH: "open" }) };
  return worker.fetch(new Request(url, { method, headers }), asked, createExecutionContext());
}

async function codeOf(response: Response): Promise<[number, unknown]> {
  const { code } = await response.json<{ code: unknown }>();
  return [response.status, code];
}

const EVERY_ROUTE = ROUTES.map(({ method, path }): [string, string] => [
  method,
  path.replace(":queue", "orders").replace(":id", "a").replace(":key", "a"),
]);

describe.each([...EVERY_ROUTE, ["GET", "/"], ["GET", "/nothing"]])("an open server: %s %s", (method, path) => {
  test.each([FOREIGN, "null", "http://localhost:5173", "http://localhost.evil.example:8787"])(
    "is refused to a page of %s",
    async (origin) => {
      const answer = await ask({ url: OWN + path, method, headers: { origin } });
      expect(await codeOf(answer)).toEqual([403, "forbidden"]);
      const preflight = { origin, "access-control-request-method": method };
      expect(await codeOf(await ask({ url: OWN + path, method: "OPTIONS", headers: preflight }))).toEqual([
        403,
        "forbidden",
      ]);
    },
  );

  test("is refused by another name than a loopback one", async () => {
    expect(await codeOf(await ask({ url: `http://rebound.example:8787${path}`, method }))).toEqual([403, "forbidden"]);
  });

  test("is open to the server's own page", async () => {
    const answer = await ask({ url: OWN + path, method, headers: { origin: OWN } });
    expect(answer.status).not.toBe(403);
    await answer.body?.cancel();
  });
});

describe("an open server's names", () => {
  test.each(["localhost", "LocalHost:8787", "127.0.0.1", "127.1.2.3:1", "[::1]:8787"])("%s is one", async (host) => {
    expect((await ask({ url: `http://${host}/v1/queues/orders` })).status).toBe(200);
  });

  test.each([
    "localhost.evil.example",
    "evil.example",
    "127.0.0.1.evil.example",
    "192.168.0.1:8787",
    "[::2]",
    "0.0.0.0:8787",
  ])("%s is none", async (host) => {
    const answer = await ask({ url: `http://${host}/v1/queues/orders` });
    expect(answer.status).toBe(403);
    expect(await answer.json()).toMatchObject({
      field: "host",
      given: host,
      allowed: expect.stringContaining("EDGEQ_ALLOWED_HOSTS") as unknown,
    });
  });

  test("those of EDGEQ_ALLOWED_HOSTS are too, with the port as it is written there", async () => {
    const settings = { EDGEQ_AUTH: "open", EDGEQ_ALLOWED_HOSTS: "queue.test, queue.test:81" };
    const statusOf = async (host: string): Promise<number> =>
      (await ask({ url: `http://${host}/v1/queues/orders`, settings })).status;
    expect(await Promise.all(["queue.test", "QUEUE.test:81", "queue.test:82"].map(statusOf))).toEqual([200, 200, 403]);
  });
});

describe("a page that is listed in EDGEQ_CORS_ORIGINS", () => {
  test("works an open server, and reads its answers", async () => {
    const settings = { EDGEQ_AUTH: "open", EDGEQ_CORS_ORIGINS: "http://localhost:5173" };
    const answer = await ask({ headers: { origin: "http://localhost:5173" }, settings });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("access-control-allow-origin")).toBe("http://localhost:5173");
  });

  test("is named: * lets nobody into an open server", async () => {
    const settings = { EDGEQ_AUTH: "open", EDGEQ_CORS_ORIGINS: "*" };
    expect((await ask({ headers: { origin: FOREIGN }, settings })).status).toBe(403);
  });
});

describe("a socket of a server with tokens", () => {
  const url = "http://queue.example/v1/queues/orders/socket";
  const open = async (origin: string | null, listed: string | null = null): Promise<number> => {
    const headers = {
      upgrade: "websocket",
      authorization: `Bearer ${await tokenOf()}`,
      ...(origin === null ? {} : { origin }),
    };
    const settings = { EDGEQ_KEYS: KEYS, EDGEQ_CORS_ORIGINS: listed };
    const { status, webSocket } = await ask({ url, method: "GET", headers, settings });
    webSocket?.accept();
    webSocket?.close();
    return status;
  };

  test("is refused to foreign pages, token or not", async () => {
    expect(await open(FOREIGN)).toBe(403);
    expect(await open("null")).toBe(403);
  });

  test("opens to programs, to its own pages whatever ends TLS before it, and to those listed", async () => {
    expect(await open(null)).toBe(101);
    expect(await open("http://queue.example")).toBe(101);
    expect(await open("https://queue.example")).toBe(101);
    expect(await open(FOREIGN, FOREIGN)).toBe(101);
    expect(await open(FOREIGN, "*")).toBe(101);
  });
});
