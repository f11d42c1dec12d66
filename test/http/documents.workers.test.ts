// Documents over HTTP: written by version, listed by prefix, and refused where they are bad.

import { expect, test } from "vitest";
import { api, type Answer, type QueueApi } from "../workers/api.ts";
import { stoppedClock } from "../workers/clock.ts";
import { storedRows } from "../workers/object.ts";
import { expectInvalid, expectProblem } from "../workers/problem.ts";

const clock = stoppedClock();

function put(queue: QueueApi, key: string, value: unknown, version?: number): Promise<Answer> {
  return queue.send("PUT", `/documents/${key}`, version === undefined ? { value } : { value, version });
}

test("a document is written, read and deleted, and makes its queue", async () => {
  const queue = api();
  const { status, body } = await put(queue, "cursor:a", { at: 7 });
  const document = { key: "cursor:a", createdAt: clock.now(), updatedAt: clock.now(), value: { at: 7 } };
  expect({ status, body }).toMatchObject({ status: 200, body: document });
  expect((await queue.send("GET", "/documents/cursor:a")).body).toEqual(body);
  expect(await queue.send("DELETE", "/documents/cursor:a")).toMatchObject({ status: 200, body: { key: "cursor:a" } });
  expectProblem(await queue.send("GET", "/documents/cursor:a"), "document-not-found", { key: "cursor:a" });
  expectProblem(await queue.send("DELETE", "/documents/cursor:a"), "document-not-found", { key: "cursor:a" });
});

test("P4: a stale version writes nothing and is answered with the present one", async () => {
  const queue = api();
  expect((await put(queue, "a", 1, 0)).status).toBe(200);
  const { body } = await put(queue, "a", 2);
  const before = await storedRows(queue.name);
  const version = body["version"] as number;
  expectProblem(await put(queue, "a", 3, 0), "version-conflict", { key: "a", version });
  expectProblem(await put(queue, "a", 3, version - 1), "version-conflict", { key: "a", version });
  expectProblem(await queue.send("DELETE", `/documents/a?version=${version + 1}`), "version-conflict", {
    key: "a",
    version,
  });
  expect(await storedRows(queue.name)).toEqual(before);
  expect((await queue.send("DELETE", `/documents/a?version=${version}`)).status).toBe(200);
});

test("documents are listed by prefix, in the order of their keys, page by page", async () => {
  const queue = api();
  for (const key of ["b", "a:2", "a:10", "a:1"]) await put(queue, key, key);
  const first = await queue.send<{ documents: { key: string }[]; cursor: string }>(
    "GET",
    "/documents?prefix=a:&limit=2",
  );
  expect(first.body.documents.map(({ key }) => key)).toEqual(["a:1", "a:10"]);
  const rest = await queue.send("GET", `/documents?prefix=a:&cursor=${first.body.cursor}`);
  expect(rest.body).toMatchObject({ documents: [{ key: "a:2" }], cursor: null });
});

test("256 KiB are the most that a document holds", async () => {
  const queue = api();
  const most = "x".repeat(262_144 - 2);
  expect((await put(queue, "a", most)).status).toBe(200);
  expectProblem(await put(queue, "a", `${most}x`), "payload-too-large", { field: "value", given: "262,145 bytes" });
});

test.each(["-a", ":a", "a%20b", "__proto__", "%FF", "a".repeat(129)])("%j is no key", async (key) => {
  const queue = api();
  expectInvalid(await put(queue, key, 1), "key");
  expectInvalid(await queue.send("GET", `/documents/${key}`), "key");
  expectInvalid(await queue.send("DELETE", `/documents/${key}`), "key");
  expect(await storedRows(queue.name)).toEqual({});
});
