// A server behind Cloudflare Access, whole, on plain workerd: Access puts its token into every request that it lets through, and
// the server fetches Access's keys from where they are published.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TestServer } from "../node/test-server.ts";
import { issued, issuerKey, KeyServer, type IssuerKey } from "./issuer.ts";
import { KEYS, tokenOf } from "./token-builder.ts";

const TEAM = "https://team.cloudflareaccess.com";
const AUD = "4714c1358e65fe4b408ad6d432a5f878f08194bdb4752441fd56faefa9b2b6f2";

let keys: KeyServer;
let key: IssuerKey;
let server: TestServer;

beforeAll(async () => {
  keys = await KeyServer.start();
  key = await issuerKey("RS256", "access-1");
  keys.keys = [key.jwk];
  const grants = [
    { when: { email: "*@example.com" }, queues: ["*"], can: ["browse", "enqueue"] },
    { when: { common_name: "shop.access" }, queues: ["orders"], can: ["enqueue"] },
  ];
  server = await TestServer.start({
    EDGEQ_KEYS: KEYS,
    EDGEQ_ISSUERS: JSON.stringify([{ issuer: TEAM, audience: [AUD], jwksUrl: keys.url, grants }]),
  });
});
afterAll(async () => {
  keys.stop();
  await server.stop();
});

/** As Access makes them for a person, and for a program with a service token. */
const PERSON = {
  aud: [AUD],
  email: "ada@example.com",
  iss: TEAM,
  type: "app",
  identity_nonce: "6ei69kawdKzMIAPF",
  sub: "7335d417-61da-459d-899c-0a01c76a2f94",
  country: "US",
};
const PROGRAM = { type: "app", aud: [AUD], iss: TEAM, common_name: "shop.access", sub: "" };

interface Asked {
  readonly headers: Readonly<Record<string, string>>;
  readonly queue?: string;
}

async function enqueue({ headers, queue = "orders" }: Asked): Promise<{ status: number; code: unknown }> {
  const response = await fetch(`${server.url}/v1/queues/${queue}/tasks`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: '{"payload":1}',
  });
  return { status: response.status, code: ((await response.json()) as { code?: unknown }).code };
}

const access = async (claims: object): Promise<Record<string, string>> => ({
  "cf-access-jwt-assertion": await issued(key, { ...claims }),
});

test("a person and a program that Access has let through may do what the rules say", async () => {
  expect((await enqueue({ headers: await access(PERSON) })).status).toBe(201);
  expect((await enqueue({ headers: await access(PROGRAM) })).status).toBe(201);
  expect(await enqueue({ headers: await access(PROGRAM), queue: "mails" })).toEqual({ status: 403, code: "forbidden" });
  expect(keys.asked).toBe(1);
});

test("the same token is taken in the Authorization header, which comes first", async () => {
  const { "cf-access-jwt-assertion": token } = await access(PERSON);
  expect((await enqueue({ headers: { authorization: `Bearer ${token}` } })).status).toBe(201);
  const own = await tokenOf({ claims: { can: ["browse"] } });
  const both = { ...(await access(PERSON)), authorization: `Bearer ${own}` };
  expect((await enqueue({ headers: both })).status).toBe(403);
});

test("a page of another site that makes the browser ask is refused, the server's own pages are not", async () => {
  const headers = await access(PERSON);
  const { host } = new URL(server.url);
  for (const foreign of [
    { "sec-fetch-site": "cross-site" },
    { "sec-fetch-site": "same-site" },
    { origin: "https://evil.example" },
    { origin: "null" },
  ]) {
    expect(await enqueue({ headers: { ...headers, ...foreign } })).toEqual({ status: 401, code: "unauthorized" });
  }
  const own = { "sec-fetch-site": "same-origin", origin: `https://${host}` };
  expect((await enqueue({ headers: { ...headers, ...own } })).status).toBe(201);
});

test("who has logged in with Access need not log in to the dashboard", async () => {
  const response = await fetch(`${server.url}/session`, {
    headers: { ...(await access(PERSON)), "x-edgeq-page": "1", "sec-fetch-site": "same-origin" },
  });
  expect(await response.json()).toMatchObject({ open: false, queues: ["*"], can: ["browse", "enqueue"] });
});

describe("an issuer that cannot be asked", () => {
  test("is 503 with the seconds to wait, and our own tokens go on to let in", async () => {
    const grants = [{ when: {}, queues: ["*"], can: ["enqueue"] }];
    const closed = await TestServer.start({
      EDGEQ_KEYS: KEYS,
      EDGEQ_ISSUERS: JSON.stringify([{ issuer: TEAM, audience: [AUD], jwksUrl: "http://127.0.0.1:9/", grants }]),
    });
    try {
      const ask = (headers: Readonly<Record<string, string>>): Promise<Response> =>
        fetch(`${closed.url}/v1/queues/orders`, { headers });
      const refused = await ask(await access(PERSON));
      expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "5"]);
      expect(await refused.json()).toMatchObject({ code: "issuer-unavailable" });
      expect((await ask({ authorization: `Bearer ${await tokenOf()}` })).status).toBe(404);
    } finally {
      await closed.stop();
    }
  });
});
