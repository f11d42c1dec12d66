// Many calls under one signal: it is listened to once.

import { getEventListeners } from "node:events";
import { expect, test } from "vitest";
import { abortable } from "../../src/client/abortable.ts";
import { withTimeout } from "../../src/client/with-timeout.ts";

const never = new Promise<never>(() => {});

test("a thousand calls under one signal add one listener to it, and all end with its reason", async () => {
  const controller = new AbortController();
  const { signal } = controller;
  const calls = Array.from({ length: 1_000 }, (_, index) =>
    index % 2 === 0 ? abortable(never, signal) : withTimeout(60_000, signal, () => never),
  );
  const outcomes = Promise.allSettled(calls);
  expect(getEventListeners(signal, "abort")).toHaveLength(1);
  controller.abort(new Error("enough"));
  const reasons = (await outcomes).map((outcome) => (outcome.status === "rejected" ? String(outcome.reason) : ""));
  expect(new Set(reasons)).toEqual(new Set(["Error: enough"]));
});

test("a call that has ended hears nothing of its signal", async () => {
  const controller = new AbortController();
  const given: AbortSignal[] = [];
  await withTimeout(60_000, controller.signal, (own) => {
    given.push(own);
    return Promise.resolve();
  });
  expect(await abortable(Promise.resolve("done"), controller.signal)).toBe("done");
  controller.abort();
  expect(given.map(({ aborted }) => aborted)).toEqual([false]);
});
