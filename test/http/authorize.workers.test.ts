// Who gets through to which route: the whole route table is walked, with every kind of asker.

import { createExecutionContext, env } from "cloudflare:test";
import { describe, expect, test, vi } from "vitest";
import type { Env, Route } from "../../src/http/route.ts";
import { ROUTES } from "../../src/http/route-table.ts";
import { fetchRoute, routerOf } from "../../src/http/router.ts";
import { socketToken } from "../../src/http/token-of-request.ts";
import { ACTIONS, type Action } from "../../src/protocol/action.ts";
import { KEYS, tokenOf, unsignedToken, withHeader } from "./token-builder.ts";

const CONFIGURED = envWith({ EDGEQ_KEYS: KEYS });
const ORIGIN = "https://localhost";

function reach(): Response {
  return new Response("reached");
}

/** The table as it is, but that nothing is done behind it. */
const reached = routerOf(ROUTES.map((route) => ({ ...route, handle: reach })));

/** Those that do not open the route. */
function otherActions({ action, orActions = [] }: Route): Action[] {
  return ACTIONS.filter((other) => other !== action && !orActions.includes(other));
}

const GUARDED = ROUTES.flatMap((route): [string, Route & { action: Action }][] =>
  route.action === null ? [] : [[`${route.method} ${route.path}`, { ...route, action: route.action }]],
);

interface Asked {
  readonly method?: string;
  readonly path?: string;
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly env?: Env;
}

function envWith(auth: Pick<Env, "EDGEQ_AUTH" | "EDGEQ_KEYS">): Env {
  return { QUEUE: env.QUEUE, DIRECTORY: env.DIRECTORY, ...auth };
}

function pathOf(route: Route, queue = "orders"): string {
  return route.path.replace(":queue", queue).replace(":id", "some-id");
}

async function ask(asked: Asked, fetch = reached): Promise<{ status: number; body: string; headers: Headers }> {
  const { method = "GET", path = "/v1/queues", token, headers = {}, env: askedEnv = CONFIGURED } = asked;
  const request = new Request(ORIGIN + path, {
    method,
    headers: { ...headers, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) },
  });
  const response = await fetch(request, askedEnv, createExecutionContext());
  return { status: response.status, body: await response.text(), headers: response.headers };
}

function codeOf({ body }: { body: string }): string {
  return (JSON.parse(body) as { code: string }).code;
}

describe.each(GUARDED)("%s", (_, route) => {
  const queues = route.path.includes(":queue") ? ["ord*"] : ["*"];
  const target = { method: route.method, path: pathOf(route) };

  test("a token with its action on its queue gets through", async () => {
    const token = await tokenOf({ claims: { queues, can: [route.action] } });
    expect(await ask({ ...target, token })).toMatchObject({ status: 200, body: "reached" });
  });

  test("each other action that will do gets through too", async () => {
    for (const action of route.orActions ?? []) {
      const token = await tokenOf({ claims: { queues, can: [action] } });
      expect(await ask({ ...target, token })).toMatchObject({ status: 200, body: "reached" });
    }
  });

  test("no token gets 401", async () => {
    const answer = await ask(target);
    expect([answer.status, codeOf(answer)]).toEqual([401, "unauthorized"]);
    expect(answer.headers.get("www-authenticate")).toBe('Bearer realm="edgeq"');
  });

  test("a token with every other action gets 403, which names the action and the queue", async () => {
    const token = await tokenOf({ claims: { queues, can: otherActions(route) } });
    const answer = await ask({ ...target, token });
    expect([answer.status, codeOf(answer)]).toEqual([403, "forbidden"]);
    const queue = route.path.includes(":queue") ? "orders" : null;
    expect(JSON.parse(answer.body)).toMatchObject({ action: route.action, queue });
    expect(answer.headers.get("www-authenticate")).toContain('error="insufficient_scope"');
  });

  test("a token with its action on another queue gets 403, unless the answer is of its queues alone", async () => {
    const token = await tokenOf({ claims: { queues: ["other*"], can: ACTIONS } });
    const answer = await ask({ ...target, token });
    const isShown = route.isFiltered === true;
    expect([answer.status, isShown ? answer.body : codeOf(answer)]).toEqual(
      isShown ? [200, "reached"] : [403, "forbidden"],
    );
  });

  test("without a secret it gets 503, token or not", async () => {
    const token = await tokenOf({ claims: { queues, can: [route.action] } });
    for (const asked of [target, { ...target, token }]) {
      const answer = await ask({ ...asked, env: envWith({}) });
      expect([answer.status, codeOf(answer)]).toEqual([503, "auth-not-configured"]);
    }
  });

  test("in the open mode everybody gets through", async () => {
    expect(await ask({ ...target, env: envWith({ EDGEQ_AUTH: "open" }) })).toMatchObject({ status: 200 });
  });
});

test("health, readiness and the API's description, and nothing else, are open to all", async () => {
  const open = ROUTES.filter((route) => route.action === null).map((route) => route.path);
  expect(open).toEqual(["/v1/health", "/v1/ready", "/v1/openapi.json", "/docs"]);
  for (const path of open) {
    for (const askedEnv of [CONFIGURED, envWith({}), envWith({ EDGEQ_KEYS: "broken" })]) {
      expect(await ask({ path, env: askedEnv })).toMatchObject({ status: 200, body: "reached" });
    }
  }
});

describe("what strangers learn", () => {
  const elsewhere: Asked[] = [
    { path: "/v1/nothing-here" },
    { path: "/" },
    { path: "/v1/queues/orders", method: "POST" },
    { path: "/v1/health", method: "POST" },
    { path: "/v1/queues/orders", method: "OPTIONS" },
    { path: "/v1/queues/not%20a%20name" },
    { path: "/v1/queues/%ff" },
  ];

  test.each(elsewhere)("with no secret $method $path is 503, with a secret and no token 401", async (asked) => {
    const unconfigured = await ask({ ...asked, env: envWith({}) });
    expect([unconfigured.status, codeOf(unconfigured)]).toEqual([503, "auth-not-configured"]);
    const stranger = await ask(asked);
    expect([stranger.status, codeOf(stranger)]).toEqual([401, "unauthorized"]);
  });

  test("a token's holder learns what is wrong", async () => {
    const token = await tokenOf({ claims: { queues: ["*"], can: ACTIONS } });
    const statuses = await Promise.all(elsewhere.map(async (asked) => (await ask({ ...asked, token })).status));
    expect(statuses).toEqual([404, 404, 405, 405, 405, 400, 400]);
  });
});

describe("the open mode", () => {
  test.each(["Open", "OPEN", "open ", "true", "1", "", "none"])("EDGEQ_AUTH %j does not open it", async (value) => {
    const answer = await ask({ env: envWith({ EDGEQ_AUTH: value }) });
    expect([answer.status, codeOf(answer)]).toEqual([503, "auth-not-configured"]);
  });
});

describe("the secret", () => {
  test.each(["", "null", "{}", "[]", "not JSON", '{"k1":"short"}'])(
    "EDGEQ_KEYS %j lets nobody in, and its owner is told in the log",
    async (text) => {
      const log = vi.spyOn(console, "error").mockImplementation(() => {});
      const token = await tokenOf();
      for (const asked of [{}, { token }]) {
        const answer = await ask({ ...asked, env: envWith({ EDGEQ_KEYS: text }) });
        expect([answer.status, codeOf(answer)]).toEqual([503, "auth-not-configured"]);
        expect(answer.body).not.toContain("malformed");
      }
      expect(log).toHaveBeenCalledTimes(text === "" ? 0 : 1);
    },
  );

  test("absent in workerd means null, and lets nobody in", async () => {
    const answer = await ask({ env: envWith({ EDGEQ_AUTH: null, EDGEQ_KEYS: null }) });
    expect(answer.status).toBe(503);
  });
});

describe("tokens that are refused", () => {
  const claims = { queues: ["*"], can: ["admin"], exp: 4_000_000_000 };
  const refused: [string, () => Promise<string>][] = [
    ["an expired one", () => tokenOf({ exp: Math.floor(Date.now() / 1_000) })],
    ["one without expiry", () => tokenOf({ exp: null })],
    ["one with a wrong signature", () => tokenOf({ secret: "some other secret of at least 32 bytes" })],
    ["one of an unknown key", () => tokenOf({ header: { alg: "HS256", kid: "k9" } })],
    ["an unsigned one", async () => unsignedToken({ alg: "none", kid: "k1" }, claims)],
    ["one that claims RS256", async () => withHeader(await tokenOf(), { alg: "RS256", kid: "k1" })],
    ["one without queues", () => tokenOf({ claims: { queues: [] } })],
    ["one with an unknown action", () => tokenOf({ claims: { can: ["all"] } })],
    ["one that is no JWT", async () => "opensesame"],
  ];

  test.each(refused)("%s gets 401 invalid_token", async (_, made) => {
    const answer = await ask({ token: await made() });
    expect([answer.status, codeOf(answer)]).toEqual([401, "unauthorized"]);
    expect(answer.headers.get("www-authenticate")).toBe('Bearer realm="edgeq", error="invalid_token"');
  });

  test.each([
    ["Basic dXNlcjpwYXNz", "another scheme"],
    ["Bearer", "no token"],
    ["Bearer a b", "two tokens"],
    ["Token abc", "a scheme of one's own"],
  ])("Authorization %j (%s) gets 401", async (authorization) => {
    expect((await ask({ headers: { authorization } })).status).toBe(401);
  });

  test("the scheme's name may be written in any case", async () => {
    expect(await ask({ headers: { authorization: `bearer ${await tokenOf()}` } })).toMatchObject({ status: 200 });
  });
});

describe("a socket's token", () => {
  const socket = routerOf([
    { method: "GET", path: "/socket/:queue", action: "claim", tokenOf: socketToken, handle: reach },
    { method: "GET", path: "/plain/:queue", action: "claim", handle: reach },
  ]);

  test("may be a subprotocol, on the route that says so", async () => {
    const offered = { "sec-websocket-protocol": `edgeq.v1, edgeq.token.${await tokenOf()}` };
    expect(await ask({ path: "/socket/orders", headers: offered }, socket)).toMatchObject({ status: 200 });
    expect((await ask({ path: "/plain/orders", headers: offered }, socket)).status).toBe(401);
  });

  test("may be in the header too", async () => {
    expect(await ask({ path: "/socket/orders", token: await tokenOf() }, socket)).toMatchObject({ status: 200 });
  });

  test.each(["", "edgeq.v1", "edgeq.token.", "edgeq.v1, edgeq.token.abc"])("%j is none", async (protocol) => {
    const headers = { "sec-websocket-protocol": protocol };
    expect((await ask({ path: "/socket/orders", headers }, socket)).status).toBe(401);
  });
});

test("with a token a task goes through the real table, to its queue and to no other", async () => {
  const token = await tokenOf({ claims: { queues: ["auth-*"], can: ["enqueue"] } });
  const send = (queue: string): Promise<Response> =>
    fetchRoute(
      new Request(`${ORIGIN}/v1/queues/${queue}/tasks`, {
        method: "POST",
        headers: { authorization: `Bearer ${token}`, "content-type": "text/plain" },
        body: "hello",
      }),
      CONFIGURED,
      createExecutionContext(),
    );
  expect((await send("auth-orders")).status).toBe(201);
  expect((await send("orders")).status).toBe(403);
});
