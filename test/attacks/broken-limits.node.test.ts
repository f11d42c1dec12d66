// Limits of what is held at one time, a queue's and a token's, after those who held it were cut off: none is counted for ever, and
// none is forgotten while it is there, also over a kill -9 of the server.

import { connect, type Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { KEYS, tokenOf } from "../http/token-builder.ts";
import { TestServer } from "../node/test-server.ts";

const MOST = 3;

let server: TestServer;

beforeAll(async () => {
  server = await TestServer.start({ EDGEQ_KEYS: KEYS });
});
afterAll(() => server.stop());

interface Held {
  readonly socket: Socket;
  readonly status: number;
}

/** Sends a request, and keeps its connection once the answer has begun. */
function hold(head: readonly string[], body = ""): Promise<Held> {
  const { hostname, port } = new URL(server.url);
  return new Promise((fulfil, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write([...head, "", body].join("\r\n")));
    socket.setEncoding("latin1").once("data", (text: string) => fulfil({ socket, status: Number(text.slice(9, 12)) }));
    socket.on("error", reject);
  });
}

type Way = (queue: string, token: string) => Promise<Held>;

const socketTo: Way = (queue, token) =>
  hold([
    `GET /v1/queues/${queue}/socket HTTP/1.1`,
    "host: localhost",
    `authorization: Bearer ${token}`,
    "upgrade: websocket",
    "connection: upgrade",
    "sec-websocket-version: 13",
    "sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==",
  ]);

const waitingClaim: Way = (queue, token) => {
  const body = JSON.stringify({ waitMs: 20_000 });
  const path = `POST /v1/queues/${queue}/claim HTTP/1.1`;
  const lines = ["content-type: application/json", `content-length: ${body.length}`];
  return hold([path, "host: localhost", `authorization: Bearer ${token}`, ...lines], body);
};

describe.each([
  ["sockets", socketTo, 101],
  ["parkedClaims", waitingClaim, 200],
] as const)("%s", (limit, way, ok) => {
  const owners = {
    "of a queue": async (queue: string): Promise<string> => {
      const token = await tokenOf();
      const response = await fetch(`${server.url}/v1/queues/${queue}`, {
        method: "PUT",
        headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
        body: JSON.stringify({ limits: { [limit]: MOST } }),
      });
      expect(response.status).toBe(200);
      return token;
    },
    "of a token": (): Promise<string> => tokenOf({ claims: { sub: `holder of ${limit}`, [limit]: MOST } }),
  };

  describe.each(Object.entries(owners))("%s", (whose, made) => {
    const queue = `broken-${limit}-${whose.replaceAll(" ", "-")}`;
    let token: string;
    let held: Held[] = [];

    beforeAll(async () => {
      token = await made(queue);
    });

    /** As many as there may be at one time, and one more. */
    async function fill(): Promise<number[]> {
      for (let n = 0; n <= MOST; n += 1) held.push(await way(queue, token));
      return held.map(({ status }) => status);
    }

    const FULL = [...Array.from({ length: MOST }, () => ok), 429];

    test.each(["destroy", "resetAndDestroy"] as const)("those cut off by %s make room, one for one", async (cut) => {
      expect(await fill()).toEqual(FULL);
      for (const { socket } of held) socket[cut]();
      held = [];
      // Until the server has heard of it the place is taken; then as many fit as before, and not one more.
      for (let n = 0; n < MOST; n += 1) {
        await vi.waitUntil(
          async () => {
            const next = await way(queue, token);
            if (next.status === ok) held.push(next);
            else next.socket.destroy();
            return next.status === ok;
          },
          { timeout: 20_000, interval: 50 },
        );
      }
      expect((await way(queue, token)).status).toBe(429);
      for (const { socket } of held) socket.destroy();
      held = [];
      await vi.waitUntil(
        async () => {
          const { status, socket } = await way(queue, token);
          socket.destroy();
          return status === ok;
        },
        { timeout: 20_000, interval: 50 },
      );
    });

    test("after a kill -9 as many fit as before, and not one more", async () => {
      for (const { socket } of held) socket.on("error", () => {});
      await server.crash();
      held = [];
      expect(await fill()).toEqual(FULL);
      for (const { socket } of held) {
        socket.on("error", () => {});
        socket.destroy();
      }
      held = [];
    });
  });
});
