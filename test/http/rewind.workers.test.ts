// POST /v1/queues/{queue}/rewind and /reincarnate: a queue is put back, or is told that it was. Where these tests run the platform keeps
// no record of earlier moments; putting back is simulated in test/simulation, and done with files in test/serve.

import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, test, vi } from "vitest";
import { LIMITS } from "../../src/core/limits.ts";
import { QueueObject } from "../../src/object/queue-object.ts";
import { api, type QueueApi } from "../workers/api.ts";
import { stoppedClock } from "../workers/clock.ts";
import { storedRows } from "../workers/object.ts";
import { expectInvalid, expectProblem } from "../workers/problem.ts";

const clock = stoppedClock();

/** As if the platform kept a record of the queue's object, until that ends. Answers with what will have been restored. */
async function recorded(name: string): Promise<readonly string[]> {
  const restored: string[] = [];
  await runInDurableObject(env.QUEUE.getByName(name), (_object, { storage }) => {
    vi.spyOn(storage, "getBookmarkForTime").mockImplementation((at) => Promise.resolve(`bookmark of ${Number(at)}`));
    vi.spyOn(storage, "onNextSessionRestoreBookmark").mockImplementation((bookmark) => {
      restored.push(bookmark);
      return Promise.resolve("bookmark of now");
    });
  });
  return restored;
}

/** How often it has begun a new life. */
const incarnation = async (queue: QueueApi): Promise<unknown> =>
  Number((await queue.send("POST", "/reincarnate", {})).body["incarnation"]) - 1;

async function queueWithClaim(): Promise<{ queue: QueueApi; claim: string }> {
  const queue = api();
  await queue.enqueue({ payload: 1 });
  const { claim } = await queue.claimOne({ claimTimeoutMs: 600_000 });
  return { queue, claim };
}

describe("a rewind whose Worker ends", () => {
  const directory = env.DIRECTORY.getByName("directory");
  const minuteLater = async (): Promise<void> => {
    clock.advance(60_000);
    await runDurableObjectAlarm(directory);
  };
  test("after it was put back and before it was notified, is notified by the directory a minute later, once", async () => {
    const { queue, claim } = await queueWithClaim();
    await recorded(queue.name);
    vi.spyOn(console, "error").mockImplementation(() => {});
    vi.spyOn(QueueObject.prototype, "answer").mockRejectedValueOnce(new Error("it does not come as far as that"));
    expectProblem(await queue.send("POST", "/rewind", { to: clock.now() }), "internal");
    clock.advance(59_999);
    await runDurableObjectAlarm(directory);
    expect(await queue.extend(600_000, claim)).toMatchObject([{ ok: true }]);
    clock.advance(1);
    await runDurableObjectAlarm(directory);
    expect(await queue.ack(claim)).toEqual([{ claim, ok: false, code: "claim-lost" }]);
    await minuteLater();
    expect(await incarnation(queue)).toBe(2);
  });

  test("after it was notified, or which was refused, is not notified again", async () => {
    const { queue } = await queueWithClaim();
    await recorded(queue.name);
    await queue.send("POST", "/rewind", { to: clock.now() });
    await vi.waitUntil(async () => (await queue.view()).stats.outbox === 0, { timeout: 20_000, interval: 20 });
    expectProblem(await queue.send("POST", "/rewind", { to: clock.now() }), "not-supported");
    await minuteLater();
    expect(await incarnation(queue)).toBe(2);
  });

  test("is notified though the queue has registered since, by a message that left before it was put back", async () => {
    const { queue } = await queueWithClaim();
    await directory.rewinding(queue.name);
    const { createdAt } = await queue.view();
    const body = JSON.stringify({ name: queue.name, createdAt });
    const late = { seq: Number.MAX_SAFE_INTEGER - 1, kind: "register", body, payload: null };
    await directory.receive(queue.name, [late]);
    await minuteLater();
    expect(await incarnation(queue)).toBe(2);
  });

  test("that fails cannot be notified: it is, a minute later", async () => {
    vi.spyOn(console, "error").mockImplementation(() => {});
    const { queue } = await queueWithClaim();
    await directory.rewinding(queue.name);
    const operate = vi.spyOn(QueueObject.prototype, "operate").mockRejectedValue(new Error("it is down"));
    await minuteLater();
    operate.mockRestore();
    await minuteLater();
    expect(await incarnation(queue)).toBe(2);
  });
});

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
    const restored = await recorded(queue.name);
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
  test("answers with its life, and with what it knows", async () => {
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
