// POST /v1/queues/{queue}/modify over HTTP: one commit or none, and a refusal that says everything that stood against it.

import { expect, test } from "vitest";
import { api } from "../workers/api.ts";
import { stoppedClock } from "../workers/clock.ts";
import { ringAlarm, storedRows } from "../workers/object.ts";
import { expectInvalid, expectProblem } from "../workers/problem.ts";

const clock = stoppedClock();

test("P6: a step of a pipeline is one commit: its task gone, the next one there, its place moved on", async () => {
  const [queue, next] = [api(), api()];
  await queue.enqueue({ payload: "step 1" });
  const { claim } = await queue.claimOne({ claimant: "host-1" });
  const { status, body } = await queue.send("POST", "/modify", {
    claimant: "host-1",
    insert: [
      { payload: "step 2", id: "b", delayMs: 5 },
      { payload: "report", queue: next.name },
      { document: { key: "place", value: 1 } },
    ],
    delete: [{ claim }],
    depend: [{ document: { key: "stop", version: 0 } }],
  });
  expect({ status, body }).toMatchObject({
    status: 200,
    body: {
      inserted: [
        { id: "b", version: 1, visibleAt: clock.now() + 5, duplicate: false },
        { queue: next.name, onItsWay: true },
        { document: { key: "place" } },
      ],
      changed: [],
    },
  });
  expect(await queue.counts()).toEqual({ ready: 0, delayed: 1, claimed: 0, dead: 0 });
  await ringAlarm(queue.name);
  expect(await next.claimOne({ waitMs: 20_000 })).toMatchObject({ payload: "report" });
});

test("P6: a refusal lists all that failed, and writes nothing of the rest", async () => {
  const queue = api();
  const { id } = await queue.enqueue({ payload: 1 });
  const { claimedUntil } = await queue.claimOne();
  await queue.enqueueAll([
    { payload: 2, id: "taken" },
    { payload: 3, id: "other" },
  ]);
  const before = await storedRows(queue.name);
  const answer = await queue.send("POST", "/modify", {
    insert: [{ payload: 3 }, { payload: 4, id: "taken" }],
    change: [{ id: "other", version: 7, priority: 1 }],
    delete: [{ id, version: 2 }],
    depend: [{ id: "nope", version: 1 }, { document: { key: "a", version: 1 } }],
  });
  expectProblem(answer, "dependency-failed", {
    failures: [
      { operation: "insert", index: 1, id: "taken", reason: "colliding", version: 1 },
      { operation: "change", index: 0, id: "other", reason: "stale", version: 1 },
      { operation: "delete", index: 0, id, reason: "claimed", version: 2, claimedUntil },
      { operation: "depend", index: 0, id: "nope", reason: "missing" },
      { operation: "depend", index: 1, key: "a", reason: "missing" },
    ],
  });
  expect(await storedRows(queue.name)).toEqual(before);
});

test.each<[body: unknown, field: string]>([
  [{}, "body"],
  [{ insert: [] }, "body"],
  [{ insert: {} }, "insert"],
  [{ insert: [{ payload: 1 }, {}] }, "insert[1].payload"],
  [{ insert: [{ payload: 1, queue: "-" }] }, "insert[0].queue"],
  [{ insert: [{ payload: 1, queue: "other", onConflict: "fail" }] }, "insert[0].onConflict"],
  [{ insert: [{ payload: 1, id: ".." }] }, "insert[0].id"],
  [{ insert: [{ document: { key: "a" } }] }, "insert[0].document.value"],
  [{ insert: [{ document: { key: "a", value: 1 }, payload: 1 }] }, "insert[0].payload"],
  [{ change: [{ id: "a", version: 1 }] }, "change[0]"],
  [{ change: [{ id: "a", version: 1, priority: 1, keepClaim: true }] }, "change[0].keepClaim"],
  [{ insert: [{ payload: 1, visibleAt: 8_640_000_000_000_000 }] }, "insert[0].visibleAt"],
  [{ delete: [{ id: "a" }] }, "delete[0].version"],
  [{ delete: [{ version: 1 }] }, "delete[0].id"],
  [{ delete: [{ claim: "a" }] }, "delete[0].claim"],
  [{ delete: [{ document: { key: "a", version: 0 } }] }, "delete[0].document.version"],
  [{ depend: [{ id: "a", version: 0 }] }, "depend[0].version"],
  [{ depend: [{ id: "a", version: 1, priority: 1 }] }, "depend[0].priority"],
  [{ claimant: "", insert: [{ payload: 1 }] }, "claimant"],
])("%j is refused and nothing is written", async (body, field) => {
  const queue = api();
  expectInvalid(await queue.send("POST", "/modify", body), field);
  expect(await storedRows(queue.name)).toEqual({});
});

test("a hundred references are the most, over all four lists together", async () => {
  const queue = api();
  const inserts = Array.from({ length: 101 }, () => ({ payload: 1 }));
  expectInvalid(await queue.send("POST", "/modify", { insert: inserts }), "insert", "an array of 101");
  const depend = Array.from({ length: 41 }, (_, n) => ({ document: { key: `k${n}`, version: 0 } }));
  expectInvalid(
    await queue.send("POST", "/modify", { insert: inserts.slice(0, 60), depend }),
    "body",
    "101 references",
  );
  expect(await storedRows(queue.name)).toEqual({});
  expect((await queue.send("POST", "/modify", { insert: inserts.slice(0, 59), depend })).status).toBe(200);
});
