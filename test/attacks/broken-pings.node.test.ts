// Sockets that break, or that the server closes, while the platform is answering their pings. On workerd 1.20260815.1 the second
// of these tests fails: the process ends after about 2,000 sockets, within three seconds.

import { connect, type Socket } from "node:net";
import { expect, test } from "vitest";
import { serverForTests } from "../node/server-for-tests.ts";
import { textFrame, upgradeTo } from "./exchange.ts";

const server = serverForTests();

const SOCKETS = 2_000;
/** Open at a time, with one producer beside them: enough that pongs are under way whenever a socket breaks. */
const AT_A_TIME = 12;

const UPGRADE = upgradeTo("pinged");
const PING = textFrame("ping");
const PINGS = Buffer.concat(Array.from({ length: 50 }, () => PING));

const CLOSE = Buffer.from([0x88, 0x82, 0, 0, 0, 0, 0x03, 0xe8]);

/** The ways in which a client leaves. */
const BREAKS: readonly ((socket: Socket) => void)[] = [
  (socket) => void socket.resetAndDestroy(),
  (socket) => void socket.destroy(),
  (socket) => {
    socket.write(Buffer.concat([PINGS, CLOSE]), () => socket.destroy());
  },
];

/** Opens a socket, sends pings, and breaks it at the first pong. False: the server refused it or has gone. */
function pingAndBreak(how: number): Promise<boolean> {
  const { hostname, port } = new URL(server.url);
  return new Promise((fulfil) => {
    let received = "";
    const socket = connect(Number(port), hostname, () => socket.write(UPGRADE));
    socket.setEncoding("latin1").on("data", (text: string) => {
      if (received === "") socket.write(PINGS);
      received += text;
      if (received.includes("pong")) BREAKS[how % BREAKS.length]?.(socket);
    });
    socket.on("error", () => {});
    socket.once("close", () => fulfil(received.includes("pong")));
  });
}

test("2,000 pinging sockets opened and broken in the midst of traffic leave the server as it was", async () => {
  const count = { left: SOCKETS, ponged: 0, enqueued: 0 };
  const breakers = Array.from({ length: AT_A_TIME }, async () => {
    while (count.left > 0) {
      count.left -= 1;
      if (await pingAndBreak(count.left)) count.ponged += 1;
    }
  });
  const producer = async (): Promise<void> => {
    while (count.left > 0) {
      const response = await fetch(`${server.url}/v1/queues/pinged/tasks`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: `{"payload":1}`,
      });
      await response.body?.cancel();
      count.enqueued += 1;
    }
  };
  await Promise.all([...breakers, producer()]);

  expect(count.ponged).toBe(SOCKETS);
  const view = await fetch(`${server.url}/v1/queues/pinged`);
  expect(view.status).toBe(200);
  expect(await view.json()).toMatchObject({ stats: { ready: count.enqueued } });
});

/** A frame that the server closes a socket for, among pings that are being answered then. */
const CLOSED_BY_SERVER = Buffer.concat([PING, PING, Buffer.from([0x82, 0x81, 0, 0, 0, 0, 1]), PING, PING]);

/** Opens a socket that the server closes, and resets it at the first answer. False: the server refused it or has gone. */
function pingAndBeClosed(): Promise<boolean> {
  const { hostname, port } = new URL(server.url);
  return new Promise((fulfil) => {
    let isOpen = false;
    const socket = connect(Number(port), hostname, () => socket.write(UPGRADE));
    socket.once("data", (head: Buffer) => {
      isOpen = head.toString("latin1").startsWith("HTTP/1.1 101 ");
      socket.write(CLOSED_BY_SERVER);
      socket.once("data", () => socket.resetAndDestroy());
    });
    socket.on("error", () => {});
    socket.once("close", () => fulfil(isOpen));
  });
}

test("6,000 sockets that the server closes while it answers their pings leave it as it was", async () => {
  const count = { left: 3 * SOCKETS, opened: 0 };
  const closed = Array.from({ length: AT_A_TIME }, async () => {
    while (count.left > 0) {
      count.left -= 1;
      if (await pingAndBeClosed()) count.opened += 1;
    }
  });
  await Promise.all(closed);
  expect(count.opened).toBe(3 * SOCKETS);
  expect((await fetch(`${server.url}/v1/health`)).status).toBe(200);
});
