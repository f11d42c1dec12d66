// Tasks and ids as text: written out by hand for speed, so held against the plain way.

import { fc } from "../random/fc.ts";
import { expect, test } from "vitest";
import { keyText, taskIdOf } from "../../src/core/task-id.ts";
import type { ClaimedTask } from "../../src/core/task.ts";
import { NO_TASKS, renderEnqueued, renderTask, renderTasks } from "../../src/api/render.ts";

const INTEGER = fc.maxSafeNat();
const TEXT = fc.string({ unit: "grapheme" });
const COMMON = {
  id: TEXT,
  version: INTEGER,
  lane: TEXT,
  priority: fc.integer(),
  headers: fc.dictionary(TEXT, TEXT),
  attempts: INTEGER,
  maxAttempts: fc.option(INTEGER),
  enqueuedAt: INTEGER,
  visibleAt: INTEGER,
  expiresAt: fc.option(INTEGER),
  error: fc.option(TEXT),
  origin: fc.option(
    fc.record({
      queue: TEXT,
      id: TEXT,
      lane: TEXT,
      attempts: INTEGER,
      error: fc.option(TEXT),
      enqueuedAt: INTEGER,
      diedAt: INTEGER,
    }),
  ),
};
const CONTENT = fc.oneof(
  fc.jsonValue().map((value) => ({
    payload: JSON.stringify(value),
    contentType: null,
    read: { encoding: "json", payload: value },
  })),
  fc
    .tuple(TEXT, TEXT)
    .map(([payload, contentType]) => ({ payload, contentType, read: { encoding: "text", payload, contentType } })),
  fc.tuple(fc.uint8Array(), TEXT).map(([payload, contentType]) => ({
    payload,
    contentType,
    read: { encoding: "base64", payload: payload.toBase64(), contentType },
  })),
);
const CLAIMED = fc.record({ ...COMMON, claim: TEXT, claimedUntil: INTEGER });
const BROWSED = fc.record({
  ...COMMON,
  state: fc.constantFrom("ready" as const, "delayed" as const, "claimed" as const, "dead" as const),
  diedAt: fc.option(INTEGER),
  claimedUntil: fc.option(INTEGER),
  claimant: fc.option(TEXT),
});

test("a task is written with all its fields and nothing else, whatever is in them", () => {
  fc.assert(
    fc.property(fc.oneof(CLAIMED, BROWSED), CONTENT, (fields, { read, ...content }) => {
      const text = renderTask({ ...fields, ...content });
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify({ ...fields, ...read })));
    }),
  );
});

test("tasks are written as a list, with what stands beside them", () => {
  const [task] = fc.sample(CLAIMED, 1);
  const claimed = { ...task, payload: "1", contentType: null } as ClaimedTask;
  expect(JSON.parse(renderTasks([claimed, claimed], { cursor: "x" }))).toMatchObject({
    tasks: [{ payload: 1 }, { payload: 1 }],
    cursor: "x",
  });
  expect(NO_TASKS).toBe('{"tasks":[]}');
});

test("what was enqueued is written with all its fields", () => {
  const rest = { version: INTEGER, visibleAt: INTEGER, duplicate: fc.boolean() };
  const own = fc.record({ id: TEXT, ...rest }).map((task) => ({ task, asked: { id: task.id } }));
  const made = INTEGER.map((key) => taskIdOf({ tag: "k3x9a", former: [] }, key));
  const other = fc.record({ id: made, ...rest }).map((task) => ({ task, asked: {} }));
  fc.assert(
    fc.property(fc.array(fc.oneof(own, other)), (all) => {
      const tasks = all.map(({ task }) => task);
      const text = renderEnqueued(
        tasks,
        all.map(({ asked }) => asked),
      );
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify({ tasks })));
    }),
  );
});

test("a key is its number in base 36, in whatever order keys are written", () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(INTEGER, fc.integer({ min: 0, max: 3_000 }))), (keys) => {
      for (const key of keys) expect(keyText(key)).toBe(key.toString(36).padStart(11, "0"));
    }),
  );
});
