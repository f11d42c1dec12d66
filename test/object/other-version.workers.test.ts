// What a Worker of a later version may ask of an object of this one, for as long as a deploy lasts.

import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { queueStub } from "../../src/object/queue-stub.ts";

test("an operation that this version does not know is refused for now, over both calls, and changes nothing", async () => {
  const stub = queueStub(env, "asked-by-a-later-version");
  const name = "fromALaterVersion" as "ack";
  const refusal = {
    kind: "overloaded",
    reason: expect.stringContaining("does not know fromALaterVersion yet") as string,
  };
  expect(await stub.answer(name, { claims: [] })).toMatchObject(refusal);
  expect(await stub.operate(name, { claims: [] })).toMatchObject(refusal);
  expect(await stub.answer("getQueue", null)).toMatchObject({ kind: "queue-not-found" });
});
