// Every route of the table: it answers, its path refuses other methods, and it is what the table says.

import { describe, expect, test } from "vitest";
import { LIMITS } from "../../src/core/limits.ts";
import { ENDPOINTS } from "../../src/api/openapi.ts";
import { ROUTES } from "../../src/http/route-table.ts";
import { ACTIONS } from "../../src/protocol/action.ts";
import { api, fetchPath, send } from "../workers/api.ts";
import { stoppedClock } from "../workers/clock.ts";
import { expectProblem } from "../workers/problem.ts";
import { exampleOf, pathOf, prepare } from "../workers/route-examples.ts";

stoppedClock();

const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/** The page is told of in openapi.node.test.ts. */
const OF_JSON = ROUTES.filter(({ path }) => path !== "/docs" && path !== "/metrics");

describe.each(OF_JSON)("$method $path", (route) => {
  test("answers its example", async () => {
    const queue = api();
    const prepared = await prepare(queue);
    const { status, body } = exampleOf(route);
    const answer = await send(route.method, pathOf(route, queue, prepared), body?.(prepared));
    expect(answer.status).toBe(status);
    // A socket's example is what it answers a request that is none of its own.
    expect(answer.headers.get("content-type")).toBe(status < 400 ? "application/json" : "application/problem+json");
  });

  test("has an action that a token can allow, or is open to all", () => {
    expect([...ACTIONS, null]).toContain(route.action);
    expect(route.path.startsWith("/v1/")).toBe(true);
  });

  test.each(["/", "//", "/.", "/..", "/%2e%2E"])("is not found with %s at the end", async (end) => {
    const queue = api();
    const prepared = await prepare(queue);
    const answer = await send(
      route.method,
      `${pathOf(route, queue, prepared)}${end}`,
      exampleOf(route).body?.(prepared),
    );
    expect(answer.status).toBe(404);
    expect(await queue.counts()).toMatchObject({ ready: 1, claimed: 1 });
  });
});

test("is in the API's description", () => {
  const described = ENDPOINTS.map(({ method, path }) => `${method} ${path}`);
  expect(described.toSorted()).toEqual(OF_JSON.map(({ method, path }) => `${method} ${path}`).toSorted());
});

describe.each([...new Set(ROUTES.map(({ path }) => path))])("%s", (path) => {
  const allowed: string[] = ROUTES.filter((route) => route.path === path).map(({ method }) => method);

  test.each(METHODS.filter((method) => !allowed.includes(method)))(
    "%s is not allowed, and the answer says what is",
    async (method) => {
      const response = await fetchPath(pathOf({ path }, api(), { id: "a", heldId: "a", key: "b" }), { method });
      expect(response.status).toBe(405);
      expect(response.headers.get("allow")).toBe(allowed.join(", "));
      if (method === "HEAD") return;
      const body: Record<string, unknown> = await response.json();
      expectProblem({ status: response.status, headers: response.headers, body }, "method-not-allowed", {
        field: "method",
        given: method,
        allowed: allowed.join(", "),
      });
    },
  );
});

test.each([
  "/v1",
  "/v1/",
  "/v2/queues",
  "/V1/queues",
  "/v1/queue",
  "/v1/queues/a/task",
  "/v1/queues/a/tasks/b/c",
  "/v1/queues/a/claim/now",
  "/v1/queues//tasks",
  "/v1/health/deep",
  "/v1/%71ueues",
  "/v1/queues/a/%74asks",
  "/v1/__proto__",
  `/${"x".repeat(8_000)}`,
])("there is nothing at %s", async (path) => {
  for (const method of ["GET", "POST", "DELETE"]) {
    const answer = await send(method, path);
    expectProblem(answer, "not-found");
    expect(String(answer.body["detail"]).length).toBeLessThan(200);
  }
});

test.each([
  "-a",
  ".a",
  "_a",
  "__proto__",
  "@directory",
  "a b",
  "a%20b",
  "a%2Fb",
  "a%00",
  "a%0A",
  "%C3%BC",
  "%ED%A0%80",
  "%FF",
  "%zz",
  "%",
  "a".repeat(81),
])("%j is not a queue's name", async (name) => {
  for (const [method, rest, body] of [
    ["PUT", "", {}],
    ["POST", "/tasks", { payload: 1 }],
    ["POST", "/claim", {}],
  ] as const) {
    const answer = await send(method, `/v1/queues/${name}${rest}`, body);
    expectProblem(answer, "invalid-request", { field: "queue" });
  }
});

test.each(["a", "0", "Z.-_9", "constructor", "toString", "a".repeat(LIMITS.queueNameLength), "%61%62"])(
  "%j is a queue's name",
  async (name) => {
    const { status, body } = await send("PUT", `/v1/queues/${name}`, {});
    expect({ status, body }).toMatchObject({ status: 200, body: { name: decodeURIComponent(name) } });
  },
);
