// One socket that sends frame after frame without a pause, over a real connection.

import { expect, test } from "vitest";
import { serverForTests } from "../node/server-for-tests.ts";
import { exchange } from "./exchange.ts";

const FRAMES = 100_000;
/** With a rest after some frames there are a hundred and more, without it a dozen. */

const server = serverForTests();

const UPGRADE = [
  "GET /v1/queues/frames/socket HTTP/1.1",
  "host: localhost",
  "upgrade: websocket",
  "connection: upgrade",
  "sec-websocket-version: 13",
  "sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==",
  "",
  "",
].join("\r\n");

/** A text frame, masked with zeros. */
function frame(message: unknown): Buffer {
  const text = Buffer.from(JSON.stringify(message));
  return Buffer.concat([Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0]), text]);
}

test("leaves time for others, whatever its frames say", async () => {
  const nothing = frame({ op: "sync", sync: 1 });
  const flood = Buffer.alloc(FRAMES * nothing.length, nothing);
  const last = frame({ id: "last", op: "getQueue" });
  const over = new AbortController();
  const flooded = exchange(server.url, [UPGRADE, flood, last], (text) => text.includes(`"last"`)).finally(() =>
    over.abort(),
  );
  let answers = 0;
  const others = async (): Promise<void> => {
    while (!over.signal.aborted) {
      await (await fetch(`${server.url}/v1/health`)).text();
      answers += 1;
    }
  };
  expect(await Promise.all([flooded, others()])).toHaveLength(2);
});
