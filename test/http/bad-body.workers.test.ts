// Bodies that no route takes: each route refuses each of them, names what is wrong, and writes nothing.

import { describe, expect, test } from "vitest";
import { LIMITS } from "../../src/core/limits.ts";
import { ROUTES } from "../../src/http/route-table.ts";
import { answerOf, api, fetchPath, send, type QueueApi } from "../workers/api.ts";
import { stoppedClock } from "../workers/clock.ts";
import { storedRows } from "../workers/object.ts";
import { expectInvalid, expectProblem } from "../workers/problem.ts";
import { exampleOf, pathOf, prepare, type Prepared } from "../workers/route-examples.ts";

stoppedClock();

const deep = (levels: number): string => "[".repeat(levels) + "]".repeat(levels);

/** What is refused leaves a queue as it was, so that all refusals of a route may share one. */
function sharedQueue(): () => Promise<{ queue: QueueApi; prepared: Prepared; before: unknown }> {
  const queue = api();
  let shared: Promise<{ queue: QueueApi; prepared: Prepared; before: unknown }> | undefined;
  const make = async (): Promise<{ queue: QueueApi; prepared: Prepared; before: unknown }> => {
    const prepared = await prepare(queue);
    return { queue, prepared, before: await storedRows(queue.name) };
  };
  return () => (shared ??= make());
}

const WITH_BODY = ROUTES.filter((route) => exampleOf(route).body !== undefined);

describe.each(WITH_BODY)("$method $path", (route) => {
  const shared = sharedQueue();

  /** @param field the field at fault, or a pattern that it matches */
  test.each<[name: string, body: string, field: string]>([
    ["no JSON", "{", "body"],
    ["no JSON at all", "payload=1", "body"],
    ["JSON and more", "{} {}", "body"],
    ["NaN", `{"priority":NaN}`, "body"],
    ["Infinity", `{"priority":-Infinity}`, "body"],
    ["undefined", `{"priority":undefined}`, "body"],
    ["hexadecimal", `{"priority":0x1}`, "body"],
    ["a zero ahead", `{"priority":01}`, "body"],
    ["a comment", `{"priority":1 /* one */}`, "body"],
    ["a comma too many", `{"priority":1,}`, "body"],
    ["a control character in a text", `{"a":"\u0001"}`, "body"],
    ["null", "null", "body"],
    ["a number", "1", "body"],
    ["a text", `"{}"`, "body"],
    ["an array", "[]", "body"],
    ["true", "true", "body"],
    ["nesting past its limit", deep(LIMITS.jsonDepth + 1), "body"],
    ["nesting past every stack", deep(1_000_000), "body"],
    ["objects nested past their limit", `{"a":`.repeat(200) + "1" + "}".repeat(200), "body"],
    ["a number past every double", `{"priority":1e999}`, "priority"],
    ["a negative number past every double", `{"a":[-1e999]}`, "a[0]"],
    ["a number of 400 digits", `{"a":{"b":${"9".repeat(400)}}}`, "a.b"],
    ["an integer that a double rounds", `{"a":9007199254740993}`, "a"],
    ["the same with an exponent", `{"a":9007199254740993e0}`, "a"],
    ["the same with a fraction of nothing", `{"a":{"b":9007199254740993.0}}`, "a.b"],
    ["an integer of 308 digits that a double rounds", `{"a":1${"0".repeat(306)}1}`, "a"],
    ["negative zero", `{"a":[-0]}`, "a[0]"],
    ["a name given twice", `{"a":{"b":1,"b":2}}`, "a.b"],
    ["a lone surrogate in a text", `{"a":"\\ud800"}`, "a"],
    ["a lone surrogate in a name", `{"\\uDfff":1}`, "body"],
    ["a surrogate pair the wrong way round", `{"a":["\\udd1e\\ud834"]}`, "a[0]"],
    ["an unknown field", `{"unknown":1}`, "unknown"],
    ["a field of the wrong case", `{"PAYLOAD":1}`, "PAYLOAD"],
    ["a field named __proto__", `{"__proto__":{"payload":1}}`, "__proto__"],
    ["a field named constructor", `{"constructor":1}`, "constructor"],
    ["a field without a name", `{"":1}`, ""],
  ])("refuses %s", async (_name, json, field) => {
    const { queue, prepared, before } = await shared();
    // Beside what the route needs, so that nothing is refused for what is missing.
    const valid = JSON.stringify(exampleOf(route).body?.(prepared)).slice(1, -1);
    const isFields = json.startsWith("{") && field !== "body" && valid !== "";
    const body = isFields ? `{${valid},${json.slice(1)}` : json;

    const answer = await send(route.method, pathOf(route, queue, prepared), body);

    expectInvalid(answer, field);
    expect(await storedRows(queue.name)).toEqual(before);
  });

  test.each([[new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])], [new Uint8Array([0xfe, 0xff, 0x00, 0x7b])]])(
    "refuses bytes that are not UTF-8",
    async (body) => {
      const { queue, prepared } = await shared();
      const init = { method: route.method, body, headers: { "content-type": "application/json" } };
      expectInvalid(await answerOf(await fetchPath(pathOf(route, queue, prepared), init)), "body");
    },
  );

  test("takes JSON after a byte order mark, and under any name that JSON has", async () => {
    for (const type of ["application/json; charset=utf-8", "Application/JSON"]) {
      const queue = api();
      const prepared = await prepare(queue);
      const { body, status } = exampleOf(route);
      const init = {
        method: route.method,
        body: `\uFEFF${JSON.stringify(body?.(prepared))}`,
        headers: { "content-type": type },
      };
      expect((await fetchPath(pathOf(route, queue, prepared), init)).status).toBe(status);
    }
  });

  test("refuses parameters beside its body", async () => {
    const { queue, prepared } = await shared();
    const body = exampleOf(route).body?.(prepared);
    expectInvalid(await send(route.method, `${pathOf(route, queue, prepared)}?dry=1`, body), "dry", "1");
  });
});

// Tasks are sent under any type: see enqueue-raw.
describe.each(WITH_BODY.filter((route) => !route.path.endsWith("/tasks")))("$method $path", (route) => {
  const shared = sharedQueue();

  test.each(["text/plain", "application/x-www-form-urlencoded", "application/jsonp", "json", ","])(
    "refuses a body of %s",
    async (type) => {
      const { queue, prepared, before } = await shared();
      const init = { method: route.method, body: "{}", headers: { "content-type": type } };
      const answer = await answerOf<Record<string, unknown>>(await fetchPath(pathOf(route, queue, prepared), init));
      expectProblem(answer, "unsupported-media-type", {
        field: "content-type",
        given: type,
        allowed: "application/json",
      });
      expect(await storedRows(queue.name)).toEqual(before);
    },
  );
});

test("a field's name and value are shortened, however long they are", async () => {
  const queue = api();
  const answer = await queue.send("POST", "/claim", { ["x".repeat(100_000)]: "𝄞".repeat(100_000) });
  expectProblem(answer, "invalid-request");
  expect(JSON.stringify(answer.body).length).toBeLessThan(1_000);
  expect(JSON.stringify(answer.body).isWellFormed()).toBe(true);
});

test("nesting up to its limit is taken, and comes out again", async () => {
  const queue = api();
  const payload = deep(LIMITS.jsonDepth - 1);
  expect((await queue.send("POST", "/tasks", `{"payload":${payload}}`)).status).toBe(201);
  expect(JSON.stringify((await queue.claimOne()).payload)).toBe(payload);
});

test("thousands of headers do no harm", async () => {
  const queue = api();
  const headers = new Headers({ "content-type": "application/json" });
  for (let n = 0; n < 5_000; n += 1) headers.append(`x-header-${n}`, "1");
  headers.append("__proto__", "1");
  headers.append("constructor", "1");
  const response = await queue.fetch("/tasks", { method: "POST", body: `{"payload":1}`, headers });
  expect(response.status).toBe(201);
});
