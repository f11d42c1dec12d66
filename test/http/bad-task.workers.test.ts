// Tasks that are refused, alone and in a batch: the field is named with its place, and nothing is written.

import { describe, expect, test } from "vitest";
import { api } from "../workers/api.ts";
import { stoppedClock } from "../workers/clock.ts";
import { storedRows } from "../workers/object.ts";
import { expectInvalid } from "../workers/problem.ts";

const clock = stoppedClock();

const YEAR_MS = 366 * 86_400_000;

/** For each field: values that are no such field, and what the error repeats of them. */
const BAD_INTEGERS = [1.5, "1", "", true, null, [], {}, 1e300, -1e300].map((value): [unknown, unknown] => [
  value,
  Array.isArray(value) ? "an array of 0" : value !== null && typeof value === "object" ? "an object" : value,
]);
const BAD_TEXTS: [unknown, unknown][] = [
  ["", ""],
  [7, 7],
  [null, null],
  ["a\u0000b", "a\u0000b"],
  ["\n", "\n"],
  ["\u007f", "\u007f"],
  [["a"], "an array of 1"],
];

const CASES: [field: string, values: [unknown, unknown][]][] = [
  ["delayMs", [...BAD_INTEGERS, [-1, -1], [YEAR_MS + 1, YEAR_MS + 1]]],
  ["visibleAt", [...BAD_INTEGERS, [-1, -1], [8_640_000_000_000_001, 8_640_000_000_000_001]]],
  ["priority", [...BAD_INTEGERS, [-101, -101], [101, 101]]],
  ["ttlMs", [...BAD_INTEGERS, [0, 0], [-1, -1], [YEAR_MS + 1, YEAR_MS + 1]]],
  ["maxAttempts", [...BAD_INTEGERS, [0, 0], [1_001, 1_001]]],
  ["id", [...BAD_TEXTS, ["x".repeat(129), `${"x".repeat(100)}... (129 characters)`]]],
  ["key", [...BAD_TEXTS, [".", "."], ["..", ".."], ["x".repeat(129), `${"x".repeat(100)}... (129 characters)`]]],
  ["cost", [...BAD_INTEGERS, [0, 0], [-1, -1], [1_001, 1_001]]],
  ["lane", [...BAD_TEXTS, ["-a", "-a"], ["a b", "a b"], ["ü", "ü"], ["x".repeat(41), "x".repeat(41)]]],
  ["encoding", [...BAD_TEXTS, ["JSON", "JSON"], ["utf-8", "utf-8"]]],
  [
    "headers",
    [
      [[], "an array of 0"],
      [null, null],
      ["a: b", "a: b"],
      [7, 7],
    ],
  ],
];

// What is refused makes no queue, so that all refusals may share one that is never made.
const queue = api();

describe.each(CASES)("%s", (field, values) => {
  test.each(values)("%j is refused", async (value, given) => {
    expectInvalid(await queue.send("POST", "/tasks", { payload: 1, [field]: value }), field, given);
    const batch = { tasks: [{ payload: 1 }, { payload: 2, [field]: value }] };
    expectInvalid(await queue.send("POST", "/tasks", batch), `tasks[1].${field}`, given);
    expect(await storedRows(queue.name)).toEqual({});
  });

  test("text with half a surrogate pair is refused", async () => {
    const text = field === "headers" ? `{"a":"\\ud834"}` : `"\\ud834"`;
    expectInvalid(
      await queue.send("POST", "/tasks", `{"payload":1,"${field}":${text}}`),
      field === "headers" ? "headers.a" : field,
    );
    expect(await storedRows(queue.name)).toEqual({});
  });
});

test.each<[task: Record<string, unknown>, field: string, given: unknown]>([
  [{}, "payload", undefined],
  [{ id: "a" }, "payload", undefined],
  [{ payload: 1, delayMs: 1, visibleAt: 1 }, "visibleAt", 1],
  [{ payload: 1, delayMs: 0, visibleAt: 0 }, "visibleAt", 0],
  [{ payload: 1, visibleAt: 8_640_000_000_000_000 }, "visibleAt", 8_640_000_000_000_000],
  [{ payload: 1, contentType: "text/plain" }, "contentType", "text/plain"],
  [{ payload: 1, encoding: "text" }, "payload", 1],
  [{ payload: "a", encoding: "text", contentType: "text" }, "contentType", "text"],
  [{ payload: "a", encoding: "text", contentType: "text/a\nb" }, "contentType", "text/a\nb"],
  [{ payload: "%", encoding: "base64" }, "payload", "%"],
  [{ payload: "AAH/A", encoding: "base64" }, "payload", "AAH/A"],
  [{ payload: null, encoding: "base64" }, "payload", null],
  [{ payload: 1, headers: { "": "a" } }, "headers name", ""],
  [{ payload: 1, headers: { "a b": "a" } }, "headers name", "a b"],
  [{ payload: 1, headers: { [`x${"y".repeat(64)}`]: "a" } }, "headers name", `x${"y".repeat(64)}`],
  [{ payload: 1, headers: { a: "" } }, "headers.a", ""],
  [{ payload: 1, headers: { a: 1 } }, "headers.a", 1],
  [{ payload: 1, headers: { a: ["b"] } }, "headers.a", "an array of 1"],
  [{ payload: 1, headers: { a: "x".repeat(1_025) } }, "headers.a", `${"x".repeat(100)}... (1025 characters)`],
  [
    { payload: 1, headers: Object.fromEntries(Array.from({ length: 33 }, (_, n) => [`h${n}`, "1"])) },
    "headers",
    "33 headers",
  ],
  [{ payload: 1, delay: 5 }, "delay", 5],
  [{ payload: 1, version: 1 }, "version", 1],
  [{ payload: 1, tasks: null }, "tasks", null],
  [{ tasks: [] }, "tasks", "an array of 0"],
  [{ tasks: {} }, "tasks", "an object"],
  [{ tasks: [{ payload: 1 }], lane: "a" }, "lane", "a"],
  [{ tasks: [{ payload: 1 }, null] }, "tasks[1]", null],
  [{ tasks: [{ payload: 1 }, []] }, "tasks[1]", "an array of 0"],
  [{ tasks: [{ payload: 1 }, 5] }, "tasks[1]", 5],
])("%j is refused", async (task, field, given) => {
  expectInvalid(await queue.send("POST", "/tasks", task), field, given);
  expect(await storedRows(queue.name)).toEqual({});
});

test("a field that is missing is reported as missing, not as null", async () => {
  const { body } = await queue.send("POST", "/tasks", {});
  expect(body).not.toHaveProperty("given");
  expect(body["detail"]).toBe("payload: is missing, allowed: any JSON value");
});

test("headers named __proto__ are no way around", async () => {
  const answer = await queue.send("POST", "/tasks", `{"payload":1,"headers":{"__proto__":"a"}}`);
  expectInvalid(answer, "headers name", "__proto__");
});

test.each<[name: string, task: Record<string, unknown>]>([
  ["the longest id", { id: "x".repeat(128) }],
  ["the longest lane", { lane: "x".repeat(40) }],
  ["the longest key", { key: "x".repeat(128) }],
  ["a key of any characters", { key: "a b/c?d#e%f\u00fc\u{1f600}" }],
  ["the highest cost", { cost: 1_000 }],
  ["the highest priority", { priority: 100 }],
  ["the lowest priority", { priority: -100 }],
  ["the shortest ttl", { ttlMs: 1 }],
  ["the longest ttl", { ttlMs: YEAR_MS }],
  ["most attempts", { maxAttempts: 1_000 }],
  ["most headers", { headers: Object.fromEntries(Array.from({ length: 32 }, (_, n) => [`h${n}`, "x".repeat(1_024)])) }],
  ["the longest header name", { headers: { ["x".repeat(64)]: "1" } }],
])("%s is taken", async (_name, task) => {
  const taker = api();
  await taker.enqueue({ payload: 1, ...task });
  const { ttlMs, ...shown } = task;
  const { tasks } = await taker.browse();
  expect(tasks).toMatchObject([shown]);
  expect(tasks[0]?.expiresAt).toBe(typeof ttlMs === "number" ? clock.now() + ttlMs : null);
});
