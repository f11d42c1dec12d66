import { describe, expect, it } from "vitest";
import { withCors } from "../../src/http/cors.ts";
import { respondText } from "../../src/http/respond.ts";
import type { Env } from "../../src/http/route.ts";

const answer = withCors(() => Promise.resolve(new Response("{}", { headers: { vary: "accept" } })));

function ask(
  origin: string | null,
  env: Partial<Env>,
  init: RequestInit & { preflight?: boolean } = {},
): Promise<Response> {
  const headers = new Headers();
  if (origin !== null) headers.set("origin", origin);
  if (init.preflight === true) headers.set("access-control-request-method", "POST");
  const method = init.preflight === true ? "OPTIONS" : (init.method ?? "GET");
  return answer(
    new Request("https://queue.example/v1/queues", { headers, method }),
    env as Env,
    {} as ExecutionContext,
  );
}

const PAGE = "https://app.example";
const allowedBy = (response: Response): string | null => response.headers.get("access-control-allow-origin");

describe("pages of other origins", () => {
  it("may read nothing by default", async () => {
    expect(allowedBy(await ask(PAGE, {}))).toBeNull();
    expect(allowedBy(await ask("http://localhost:3000", {}))).toBeNull();
    const preflight = await ask(PAGE, {}, { preflight: true });
    expect(preflight.status).toBe(403);
    expect(await preflight.json()).toMatchObject({ code: "forbidden", detail: expect.stringContaining(PAGE) });
  });

  it("may when they are listed, and only they", async () => {
    const env = { EDGEQ_CORS_ORIGINS: "https://other.example, https://app.example" };
    const response = await ask(PAGE, env);
    expect(allowedBy(response)).toBe(PAGE);
    expect(response.headers.get("vary")).toBe("accept, origin");
    expect(response.headers.get("access-control-allow-credentials")).toBeNull();
    for (const origin of ["https://app.example.evil", "http://app.example", "https://app.example:8443", "null"]) {
      expect(allowedBy(await ask(origin, env))).toBeNull();
    }
  });

  it("may all when the list says so", async () => {
    expect(allowedBy(await ask(PAGE, { EDGEQ_CORS_ORIGINS: "*" }))).toBe("*");
  });

  it("learn it in their own answer alone, though all answers are made like one", async () => {
    const told = withCors(() => Promise.resolve(respondText("{}")));
    const toldTo = (headers: HeadersInit): Promise<Response> =>
      told(
        new Request("https://queue.example/", { headers }),
        { EDGEQ_CORS_ORIGINS: "*" } as Env,
        {} as ExecutionContext,
      );
    expect(allowedBy(await toldTo({ origin: PAGE }))).toBe("*");
    expect(Object.fromEntries((await toldTo({})).headers)).toEqual({ "content-type": "application/json" });
  });

  it("learn in a preflight what they may send", async () => {
    const response = await ask(PAGE, { EDGEQ_CORS_ORIGINS: PAGE }, { preflight: true });
    expect(response.status).toBe(204);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "access-control-allow-origin": PAGE,
      "access-control-allow-methods": "GET, POST, PUT, PATCH, DELETE",
      "access-control-allow-headers": "authorization, content-type, idempotency-key, traceparent, tracestate",
      vary: "origin",
    });
  });
});

describe("what is no page's request", () => {
  it("is answered as before", async () => {
    const response = await ask(null, { EDGEQ_CORS_ORIGINS: "*" });
    expect(allowedBy(response)).toBeNull();
    expect((await ask(PAGE, { EDGEQ_CORS_ORIGINS: "*" }, { method: "OPTIONS" })).status).toBe(200);
  });
});
