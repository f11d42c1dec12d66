// One socket that sends frame after frame without a pause, over a real connection.

import { expect, test } from "vitest";
import { serverForTests } from "../node/server-for-tests.ts";
import { exchange, textFrame, upgradeTo } from "./exchange.ts";

const FRAMES = 100_000;
/** With a rest after some frames there are a hundred and more, without it a dozen. */

const server = serverForTests();

test("leaves time for others, whatever its frames say", async () => {
  const nothing = textFrame(`{"op":"sync","sync":1}`);
  const flood = Buffer.alloc(FRAMES * nothing.length, nothing);
  const last = textFrame(`{"id":"last","op":"getQueue"}`);
  const over = new AbortController();
  const flooded = exchange(server.url, [upgradeTo("frames"), flood, last], (text) => text.includes(`"last"`)).finally(
    () => over.abort(),
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
