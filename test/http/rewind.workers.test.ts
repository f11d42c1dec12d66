// POST /v1/queues/{queue}/rewind and /reincarnate: a queue is put back, or is told that it was. Where these tests run the platform keeps
// no record of earlier moments; putting back is simulated in test/simulation, and done with files in test/serve.

import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, test, vi } from "vitest";
import { LIMITS } from "../../src/core/limits.ts";
import { api } from "../workers/api.ts";
import { stoppedClock } from "../workers/clock.ts";
import { storedRows } from "../workers/object.ts";
import { expectInvalid, expectProblem } from "../workers/problem.ts";

const clock = stoppedClock();

describe("a rewind", () => {
  test("where no record is kept is answered 501, says what to do instead, and changes nothing", async () => {
    const queue = api();
    await queue.enqueue({ payload: 1 });
    const before = await storedRows(queue.name);
    const answer = await queue.send("POST", "/rewind", { to: clock.now() });
    expectProblem(answer, "not-supported");
    expect(answer.body["detail"]).toContain("begin a new incarnation");
    expect(await storedRows(queue.name)).toEqual(before);
    expect(await queue.claim()).toHaveLength(1);
  });

  test("has the platform restore that moment, ends the object, and tells the next one", async () => {
    const queue = api();
    await queue.enqueue({ payload: 1 });
    const { claim } = await queue.claimOne();
    const to = clock.now();
    clock.advance(60_000);
    const restored: string[] = [];
    await runInDurableObject(env.QUEUE.getByName(queue.name), (_object, { storage }) => {
      vi.spyOn(storage, "getBookmarkForTime").mockImplementation((at) => Promise.resolve(`bookmark of ${Number(at)}`));
      vi.spyOn(storage, "onNextSessionRestoreBookmark").mockImplementation((bookmark) => {
        restored.push(bookmark);
        return Promise.resolve("bookmark of now");
      });
    });
    const { status, body } = await queue.send("POST", "/rewind", { to });
    expect({ status, body }).toMatchObject({ status: 200, body: { incarnation: 2, knownUntil: to } });
    expect(restored).toEqual([`bookmark of ${to}`]);
    expect(await queue.ack(claim)).toEqual([{ claim, ok: false, code: "claim-lost" }]);
    // The next instance is another, of whose storage nothing was replaced.
    expectProblem(await queue.send("POST", "/rewind", { to }), "not-supported");
  });

  test("of a queue that was never made is refused; a deleted one can be put back to before it was deleted", async () => {
    const queue = api();
    expectProblem(await queue.send("POST", "/rewind", { to: clock.now() }), "queue-not-found");
    expect(await storedRows(queue.name)).toEqual({});
    await queue.enqueue({ payload: 1 });
    await queue.send("DELETE", "");
    // It gets as far as asking the platform.
    expectProblem(await queue.send("POST", "/rewind", { to: clock.now() }), "not-supported");
  });

  test("is to a moment of the last 30 days, to the millisecond", async () => {
    const queue = api();
    await queue.enqueue({ payload: 1 });
    const now = clock.now();
    for (const to of [now + 1, now - LIMITS.rewindMs - 1]) {
      const answer = await queue.send("POST", "/rewind", { to });
      expectInvalid(answer, "to", to);
      expect(answer.body["allowed"]).toBe(`an instant from ${now - LIMITS.rewindMs} to ${now}`);
    }
    for (const to of [now, now - LIMITS.rewindMs])
      expectProblem(await queue.send("POST", "/rewind", { to }), "not-supported");
    for (const body of [{}, { to: "yesterday" }, { to: null }, { to: 1.5 }, { to: -1 }])
      expectInvalid(await queue.send("POST", "/rewind", body), "to");
  });
});

describe("a new incarnation", () => {
  test("is told of its life, and of what it knows", async () => {
    const queue = api();
    const task = await queue.enqueue({ payload: 1 });
    const { status, body } = await queue.send("POST", "/reincarnate", {});
    expect({ status, body }).toEqual({
      status: 200,
      body: { incarnation: 2, tag: expect.stringMatching(/^[0-9a-z]{5}$/) as string, knownUntil: clock.now() },
    });
    expect(task.id.startsWith(String(body["tag"]))).toBe(false);
    expect((await queue.enqueue({ payload: 2 })).id.startsWith(String(body["tag"]))).toBe(true);
  });

  test("tells of each token of before that its claim is lost, and takes its own in the same request", async () => {
    const queue = api();
    await queue.enqueueAll([{ payload: 1 }, { payload: 2 }]);
    const { claim: old } = await queue.claimOne({ max: 1 });
    await queue.send("POST", "/reincarnate", {});
    const { claim: own } = await queue.claimOne({ max: 1 });
    expect(await queue.ack(old, own)).toEqual([
      { claim: old, ok: false, code: "claim-lost" },
      { claim: own, ok: true },
    ]);
    expect(await queue.counts()).toMatchObject({ ready: 0, claimed: 1 });
  });

  test("of a queue that does not exist is refused, and makes none", async () => {
    const queue = api();
    expectProblem(await queue.send("POST", "/reincarnate", {}), "queue-not-found");
    expect(await storedRows(queue.name)).toEqual({});
  });

  test("takes no field", async () => {
    expectInvalid(await api().send("POST", "/reincarnate", { to: 1 }), "to");
  });
});
