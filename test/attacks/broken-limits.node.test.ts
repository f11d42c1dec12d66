// Limits of what is held at one time, a queue's and a token's, after those who held it were cut off: none is counted for ever, and
// none is forgotten while it is there, also over a kill -9 of the server.

import { connect, type Socket } from "node:net";
import { expect, test, vi } from "vitest";
import { KEYS, tokenOf } from "../http/token-builder.ts";
import { serverForTests } from "../node/server-for-tests.ts";
import { UPGRADING } from "./exchange.ts";

const MOST = 3;

const server = serverForTests({ EDGEQ_KEYS: KEYS });

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
  hold([`GET /v1/queues/${queue}/socket HTTP/1.1`, "host: localhost", `authorization: Bearer ${token}`, ...UPGRADING]);

const waitingClaim: Way = (queue, token) => {
  const body = JSON.stringify({ waitMs: 20_000 });
  const path = `POST /v1/queues/${queue}/claim HTTP/1.1`;
  const lines = ["content-type: application/json", `content-length: ${body.length}`];
  return hold([path, "host: localhost", `authorization: Bearer ${token}`, ...lines], body);
};

/** One of the limits, of a queue or of a token that nothing else uses. */
interface Limit {
  readonly name: string;
  /** What a connection that is let in is answered with. */
  readonly ok: number;
  readonly open: () => Promise<Held>;
}

const LIMITS = [
  ["sockets", socketTo, 101],
  ["parkedClaims", waitingClaim, 200],
] as const;

async function limitsFor(use: string): Promise<Limit[]> {
  const limits = LIMITS.map(async ([limit, way, ok]) => {
    const queue = `${limit}-${use}`;
    const owner = await tokenOf();
    const response = await fetch(`${server.url}/v1/queues/${queue}`, {
      method: "PUT",
      headers: { "content-type": "application/json", authorization: `Bearer ${owner}` },
      body: JSON.stringify({ limits: { [limit]: MOST } }),
    });
    expect(response.status).toBe(200);
    const token = await tokenOf({ claims: { sub: `holder of ${queue}`, [limit]: MOST } });
    return [
      { name: `${limit} of a queue`, ok, open: () => way(queue, owner) },
      { name: `${limit} of a token`, ok, open: () => way(`${queue}-of-a-token`, token) },
    ];
  });
  return (await Promise.all(limits)).flat();
}

/** Opens as many as there may be at one time, and one more that is refused. */
async function fill({ name, ok, open }: Limit): Promise<Socket[]> {
  const held: Held[] = [];
  for (let n = 0; n <= MOST; n += 1) held.push(await open());
  const statuses = held.map(({ status }) => status);
  expect({ name, statuses }).toEqual({ name, statuses: [...Array.from({ length: MOST }, () => ok), 429] });
  return held.map(({ socket }) => socket);
}

/** Tries until one is let in: until the server has heard that another is gone, its place is taken. */
async function added({ ok, open }: Limit): Promise<Socket> {
  return vi.waitUntil(
    async () => {
      const { status, socket } = await open();
      if (status === ok) return socket;
      socket.destroy();
      return null;
    },
    { timeout: 20_000, interval: 50 },
  );
}

test.each(["destroy", "resetAndDestroy"] as const)(
  "of each limit, those cut off by %s make room, one for one",
  async (cut) => {
    const rounds = (await limitsFor(cut)).map(async (limit) => {
      for (const socket of await fill(limit)) socket[cut]();
      const again: Socket[] = [];
      for (let n = 0; n < MOST; n += 1) again.push(await added(limit));
      expect({ ...limit, ...(await limit.open()) }).toMatchObject({ name: limit.name, status: 429 });
      for (const socket of again) socket.destroy();
      (await added(limit)).destroy();
    });
    await Promise.all(rounds);
  },
);

test("of each limit, after a kill -9 as many fit as before, and not one more", async () => {
  const limits = await limitsFor("kill");
  const broken = await Promise.all(limits.map(fill));
  for (const socket of broken.flat()) socket.on("error", () => {});
  await server.crash();
  const held = await Promise.all(limits.map(fill));
  for (const socket of held.flat()) socket.on("error", () => {}).destroy();
});
