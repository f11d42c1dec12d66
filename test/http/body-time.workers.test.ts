// Bodies that come slowly, or never: timers are moved by the test.

import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { LIMITS } from "../../src/core/limits.ts";
import { answerOf, api, type Answer } from "../workers/api.ts";
import { expectProblem } from "../workers/problem.ts";

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
afterEach(() => void vi.useRealTimers());

interface SlowBody {
  readonly body: ReadableStream<Uint8Array>;
  /** Fulfilled when its second half is asked for. */
  readonly asked: Promise<void>;
}

/** Its first half comes at once, its second one with `end`. */
function slowBody(end: Promise<void>): SlowBody {
  const { promise: asked, resolve } = Promise.withResolvers<void>();
  const pieces = [`{"payload":`, `1}`].map((text) => new TextEncoder().encode(text));
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const piece = pieces.shift();
      if (piece === undefined) return controller.close();
      if (pieces.length === 0) {
        resolve();
        await end;
      }
      controller.enqueue(piece);
    },
  });
  return { body, asked };
}

function send(body: ReadableStream<Uint8Array>): Promise<Answer> {
  const headers = { "content-type": "application/json" };
  return api()
    .fetch("/tasks", { method: "POST", body, headers })
    .then((response) => answerOf<Record<string, unknown>>(response));
}

test("a body that has not come whole within its time is refused", async () => {
  const { body, asked } = slowBody(new Promise(() => {}));
  const answer = send(body);
  await asked;
  await vi.advanceTimersByTimeAsync(LIMITS.bodyMs);
  expectProblem(await answer, "request-timeout", { field: "body" });
});

test("a body that comes a millisecond before its time is over is taken", async () => {
  const { promise: end, resolve } = Promise.withResolvers<void>();
  const { body, asked } = slowBody(end);
  const answer = send(body);
  await asked;
  await vi.advanceTimersByTimeAsync(LIMITS.bodyMs - 1);
  // The object has timers of its own.
  vi.useRealTimers();
  resolve();
  expect((await answer).status).toBe(201);
});
