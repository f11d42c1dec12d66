// Which route a request is for: found by its path alone, whatever else its address holds.

import { afterEach, expect, test, vi } from "vitest";
import { matcherOf } from "../../src/http/match-route.ts";
import type { Route } from "../../src/http/route.ts";

const route: Route = {
  method: "GET",
  path: "/v1/queues/:queue/tasks/:id",
  action: "browse",
  handle: () => new Response(),
};
const match = matcherOf([route]);

afterEach(() => void vi.unstubAllGlobals());

test("128 KB of repeated query parameters are not read to find a route", async () => {
  const takenApart: string[] = [];
  vi.stubGlobal(
    "URL",
    class extends URL {
      constructor(url: string) {
        super(url);
        takenApart.push(url);
      }
    },
  );
  const query = `?${"a=1&".repeat(32_768)}`;
  expect(await match("GET", `http://localhost/v1/queues/q/tasks/a${query}`)).toMatchObject({ kind: "route" });
  expect(await match("GET", `http://localhost/elsewhere${query}`)).toEqual({ kind: "no-path" });
  expect(takenApart).toEqual(["http://edgeq/v1/queues/q/tasks/a", "http://edgeq/elsewhere"]);
});

test.each([
  ["/v1/queues/q/tasks/a%2Fb", { queue: "q", id: "a/b" }],
  ["/v1/queues/q/tasks/...", { queue: "q", id: "..." }],
])("%s is decoded", async (path, value) => {
  expect(await match("GET", `http://localhost${path}`)).toMatchObject({ params: { kind: "parsed", value } });
});

test("a path with another method says which it has", async () => {
  expect(await match("POST", "http://localhost/v1/queues/q/tasks/a")).toEqual({
    kind: "other-methods",
    allow: ["GET"],
  });
});

test.each(["/v1/queues/q/tasks/", "/v1/queues/q/tasks/a/", "/v1/queues/q/tasks/..", "//v1/queues/q/tasks/a"])(
  "%s is no path",
  async (path) => {
    expect(await match("GET", `http://localhost${path}`)).toEqual({ kind: "no-path" });
  },
);
