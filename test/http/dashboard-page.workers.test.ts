import { env, createExecutionContext } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import type { Env } from "../../src/http/route.ts";
import { fetchRoute } from "../../src/http/router.ts";
import { KEYS, tokenOf } from "./token-builder.ts";

const HOST = "https://queue.example";
const CLOSED = { ...env, EDGEQ_AUTH: undefined, EDGEQ_KEYS: KEYS } as unknown as Env;

function ask(path: string, init: RequestInit = {}, server: Env = CLOSED): Promise<Response> {
  return fetchRoute(new Request(HOST + path, init), server, createExecutionContext());
}

/** What a browser sends along with a request of the dashboard's own page. */
const FROM_PAGE = { "x-edgeq-page": "1", origin: HOST, host: "queue.example", "sec-fetch-site": "same-origin" };

async function logIn(token: string, headers: Record<string, string> = FROM_PAGE): Promise<Response> {
  return ask("/session", { method: "POST", headers, body: JSON.stringify({ token }) });
}

function cookieOf(response: Response): string {
  return response.headers.get("set-cookie")?.split(";")[0] ?? "";
}

/** The status of a request with the cookie of a token that may look at everything. */
async function asked(path: string, headers: Record<string, string>, init: RequestInit = {}): Promise<number> {
  const cookie = cookieOf(await logIn(await tokenOf({ claims: { can: ["browse", "admin"], queues: ["*"] } })));
  return (await ask(path, { ...init, headers: { ...headers, cookie } })).status;
}

describe("the page", () => {
  it.each(["/", "/queues/orders", "/queues/orders/tasks/a%2Fb"])("is served at %s, to strangers too", async (path) => {
    const response = await ask(path);
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(response.headers.get("cache-control")).toBe("no-cache");
  });

  it("names only files of this server, which are kept for a year under the hash in their name", async () => {
    const html = await (await ask("/")).text();
    const named = Array.from(html.matchAll(/(?:src|href)="([^"]+)"/g), ([, path = ""]) => path);
    expect(named).toHaveLength(3);
    for (const path of named) {
      expect(path).toMatch(/^\/dashboard\/[a-z]+-[0-9a-f]{12}\.(js|css|svg)$/);
      const file = await ask(path);
      expect(file.status).toBe(200);
      expect(file.headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
    }
  });

  it("allows nothing inline, nothing from elsewhere, and no frame around it", async () => {
    const policy = (await ask("/")).headers.get("content-security-policy") ?? "";
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain("unsafe");
    expect(policy).not.toContain("http");
  });

  it("is not sent again to a browser that has it", async () => {
    const etag = (await ask("/")).headers.get("etag") ?? "";
    const again = await ask("/", { headers: { "if-none-match": etag } });
    expect(again.status).toBe(304);
    expect(await again.text()).toBe("");
  });

  it("takes no path of the API, and no method but reading", async () => {
    expect((await ask("/v1/queues")).status).toBe(401);
    expect((await ask("/", { method: "POST" })).status).toBe(401);
    expect((await ask("/dashboard/app.js")).status).toBe(401);
  });
});

describe("the login", () => {
  it("puts a good token into a cookie that scripts cannot read and other sites do not send", async () => {
    const response = await logIn(await tokenOf({ claims: { can: ["browse"], queues: ["orders*"] } }));
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ open: false, can: ["browse"], queues: ["orders*"] });
    expect(response.headers.get("set-cookie")).toMatch(/; Path=\/; HttpOnly; SameSite=Strict; Secure$/);
  });

  it("refuses a bad token, and what is none, without showing it", async () => {
    expect((await logIn("no.good.token")).status).toBe(401);
    const response = await ask("/session", { method: "POST", headers: FROM_PAGE, body: '{"token":"a b"}' });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ code: "invalid-request", field: "token", given: "3 characters" });
    for (const body of ["", "[]", "null", "{}", '{"token":1}']) {
      expect((await ask("/session", { method: "POST", headers: FROM_PAGE, body })).status).toBe(400);
    }
  });

  it("refuses a token that is too long for a cookie, naming the limit", async () => {
    const response = await logIn("a".repeat(3_901));
    expect(await response.json()).toMatchObject({ code: "invalid-request", allowed: expect.stringContaining("3900") });
  });

  it.each([
    ["without the page's header", { origin: HOST, host: "queue.example" }],
    ["from another origin", { ...FROM_PAGE, origin: "https://evil.example" }],
    ["from a sandboxed page", { ...FROM_PAGE, origin: "null" }],
    ["from another site", { ...FROM_PAGE, "sec-fetch-site": "cross-site" }],
  ])("takes no login and no logout %s", async (_where, headers) => {
    expect((await logIn(await tokenOf(), headers)).status).toBe(403);
    expect((await ask("/session", { method: "DELETE", headers })).status).toBe(403);
  });

  it("ends with the cookie", async () => {
    const response = await ask("/session", { method: "DELETE", headers: FROM_PAGE });
    expect(response.headers.get("set-cookie")).toContain("edgeq-session=; Path=/");
    expect(response.headers.get("set-cookie")).toContain("Max-Age=0");
  });

  it("says that nobody is let in while there is no secret, and that everybody is on an open server", async () => {
    const none = { ...env, EDGEQ_AUTH: undefined, EDGEQ_KEYS: undefined } as unknown as Env;
    expect((await ask("/session", {}, none)).status).toBe(503);
    const server = { ...env, EDGEQ_AUTH: "open", EDGEQ_ALLOWED_HOSTS: "queue.example" };
    const open = await ask("/session", {}, server);
    expect(await open.json()).toMatchObject({ open: true, queues: ["*"], endsAt: null });
  });

  it("has no other method", async () => {
    const response = await ask("/session", { method: "PUT", headers: FROM_PAGE });
    expect(response.status).toBe(405);
    expect(response.headers.get("allow")).toBe("GET, POST, DELETE");
  });
});

describe("the cookie", () => {
  it("lets the page do what the token allows, and no more", async () => {
    expect(await asked("/v1/queues", FROM_PAGE)).toBe(200);
    expect(await asked("/v1/queues/orders/purge", FROM_PAGE, { method: "POST" })).toBe(403);
    expect(await asked("/session", FROM_PAGE)).toBe(200);
  });

  it.each([
    ["without the page's header", {}],
    ["from another origin", { ...FROM_PAGE, origin: "https://evil.example" }],
    ["from another port of the same host", { ...FROM_PAGE, origin: `${HOST}:8443` }],
    ["from another site", { ...FROM_PAGE, "sec-fetch-site": "same-site" }],
  ])("is worth nothing %s", async (_where, headers) => {
    expect(await asked("/v1/queues", headers)).toBe(401);
  });

  it("opens a socket for the page, which can add no header to it but comes from this origin", async () => {
    const { "x-edgeq-page": _cannot, ...sent } = FROM_PAGE;
    expect(await asked("/v1/queues/orders/socket", { ...sent, upgrade: "websocket" })).toBe(101);
  });

  it.each([
    ["of another origin", { ...FROM_PAGE, origin: "https://evil.example" }],
    ["of another port of the same host", { ...FROM_PAGE, origin: `${HOST}:8443` }],
    ["of a sandboxed page", { ...FROM_PAGE, origin: "null" }],
    ["of another site", { ...FROM_PAGE, "sec-fetch-site": "same-site" }],
    ["of nobody's origin", { host: "queue.example" }],
  ])("opens no socket %s: a browser sends it along with any page's", async (_whose, headers) => {
    expect(await asked("/v1/queues/orders/socket", { ...headers, upgrade: "websocket" })).toBe(401);
  });

  it("comes after a token of the Authorization header", async () => {
    const authorization = "Bearer no.good.token";
    expect(await asked("/v1/queues", { ...FROM_PAGE, authorization })).toBe(401);
  });
});
