// Paths as clients and attackers write them: what a parser would rewrite is no path.

import { expect, test } from "vitest";
import { isPlainPath, pathOf } from "../../src/http/path-of.ts";

test.each([
  ["http://localhost/v1/queues", "/v1/queues"],
  ["http://localhost/v1/queues?a=/b", "/v1/queues"],
  ["http://localhost/v1/queues/q/tasks/..", "/v1/queues/q/tasks/.."],
  ["http://localhost/", "/"],
  ["http://localhost", ""],
  ["http://localhost*", ""],
])("the path of %s is %j, nothing rewritten", (url, path) => {
  expect(pathOf(url)).toBe(path);
});

test.each(["/", "/v1", "/v1/queues/a.b/tasks/...", "/v1/queues/q/tasks/.a", "/a%2eb", "/a%2f..%2fb", "/%2e%2e%2e"])(
  "%s is plain",
  (path) => {
    expect(isPlainPath(path)).toBe(true);
  },
);

test.each([
  "",
  "//",
  "/v1/",
  "/v1//queues",
  "/v1/queues/q/tasks/.",
  "/v1/queues/q/tasks/..",
  "/v1/queues/q/tasks/%2e%2E",
  "/v1/queues/q/tasks/.%2e",
  "/v1/queues/q/tasks/../purge",
  "/v1/./queues",
  "/v1\\queues",
  "/v1/queues/q/tasks/.\t.",
])("%j is not", (path) => {
  expect(isPlainPath(path)).toBe(false);
});
