// Claim tokens that were never given out, or not here: ack, nack and extend refuse them and change nothing (P4).

import { describe, expect, test } from "vitest";
import { api, type Answer, type QueueApi } from "../workers/api.ts";
import { stoppedClock } from "../workers/clock.ts";
import { storedRows } from "../workers/object.ts";
import { expectInvalid } from "../workers/problem.ts";

stoppedClock();

async function claimed(queue: QueueApi): Promise<string> {
  await queue.enqueue({ payload: 1 });
  return (await queue.claimOne()).claim;
}

describe.each(["ack", "nack", "extend"])("%s", (operation) => {
  function settle(queue: QueueApi, claims: unknown): Promise<Answer> {
    return queue.send("POST", `/${operation}`, operation === "extend" ? { claims, claimTimeoutMs: 1_000 } : { claims });
  }

  test.each<[name: string, forge: (token: string) => unknown]>([
    ["cut short", (token) => token.slice(0, token.lastIndexOf("-"))],
    ["without its end", (token) => token.slice(0, 5)],
    ["too long", (token) => `${token}00000000000`],
    ["in capitals", (token) => token.toUpperCase()],
    ["with a space", (token) => ` ${token}`],
    ["empty", () => ""],
    ["a number", () => 7],
    ["null", () => null],
    ["an array", (token) => [token]],
    ["the id of the task", () => "aaaaa-00000000000"],
    ["a key beyond every integer", (token) => token.replace(/[^-]+$/, "zzzzzzzzzzz")],
    ["__proto__", () => "__proto__"],
  ])("a token that is %s is refused with its place", async (_name, forge) => {
    const queue = api();
    const token = await claimed(queue);
    const before = await storedRows(queue.name);
    const forged = forge(token);
    const answer = await settle(queue, [token, forged]);
    expectInvalid(answer, "claims[1]");
    expect(await storedRows(queue.name)).toEqual(before);
    expect(await queue.counts()).toMatchObject({ claimed: 1 });
  });

  test.each<[name: string, forge: (token: string) => string]>([
    ["another nonce", (token) => token.replace(/-[0-9a-f]{16}-/, "-0000000000000000-")],
    ["another slot", (token) => token.replace(/-[0-9a-z]+-/, "-zz-")],
  ])("a token with %s has lost its claim, and the true one holds", async (_name, forge) => {
    const queue = api();
    const token = await claimed(queue);
    const forged = forge(token);
    const before = await storedRows(queue.name);
    expect((await settle(queue, [forged])).body).toEqual({
      results: [{ claim: forged, ok: false, code: "claim-lost" }],
    });
    expect(await storedRows(queue.name)).toEqual(before);
    expect((await settle(queue, [token])).body).toMatchObject({ results: [{ ok: true }] });
  });

  test("a token for another task of the queue, or for none, does nothing", async () => {
    const queue = api();
    const token = await claimed(queue);
    const forged = token.replace(/[^-]+$/, "1");
    expect((await settle(queue, [forged])).body).toEqual({
      results: [{ claim: forged, ok: false, code: "task-not-found" }],
    });
  });

  test("another queue's token refuses the whole batch: nothing of it is done", async () => {
    const [queue, other] = [api(), api()];
    const own = await claimed(queue);
    const foreign = await claimed(other);
    const before = await storedRows(queue.name);
    expectInvalid(await settle(queue, [own, foreign]), "claims[1]", "a claim token of another queue");
    expect(await storedRows(queue.name)).toEqual(before);
    expect(await other.counts()).toMatchObject({ claimed: 1 });
  });

  test("a queue that is not there knows no token", async () => {
    const token = await claimed(api());
    const queue = api();
    expectInvalid(await settle(queue, [token]), "claims[0]");
    expect(await storedRows(queue.name)).toEqual({});
  });

  test("claims is required, and holds 1 to 1,000 tokens", async () => {
    const queue = api();
    const token = await claimed(queue);
    expectInvalid(
      await queue.send("POST", `/${operation}`, operation === "extend" ? { claimTimeoutMs: 1 } : {}),
      "claims",
    );
    expectInvalid(await settle(queue, []), "claims", "an array of 0");
    expectInvalid(await settle(queue, token), "claims", token);
    const thousand = Array.from({ length: 1_000 }, () => token);
    expectInvalid(await settle(queue, [...thousand, token]), "claims", "an array of 1001");
    const { status, body } = await settle(queue, thousand);
    expect(status).toBe(200);
    expect(body["results"]).toHaveLength(1_000);
  });
});
