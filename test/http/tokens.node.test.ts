// Tokens made and revoked by an admin, on plain workerd, over HTTP and sockets.

import { once } from "node:events";
import { beforeAll, describe, expect, test } from "vitest";
import { decodeJwt, decodeProtectedHeader } from "jose";
import { serverForTests } from "../node/server-for-tests.ts";
import { KEYS, tokenOf } from "./token-builder.ts";

const server = serverForTests({ EDGEQ_KEYS: KEYS });
let admin: string;

beforeAll(async () => {
  admin = await tokenOf({ claims: { sub: "ada" } });
});

interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

async function ask(token: string, method: string, path: string, body?: unknown): Promise<Answer> {
  const response = await fetch(`${server.url}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as Answer["body"] };
}

interface Made {
  readonly token: string;
  readonly id: string;
  readonly expiresAt: number;
}

async function made(rights: object, by = admin): Promise<Made> {
  const { status, body } = await ask(by, "POST", "/v1/tokens", rights);
  expect(status).toBe(201);
  return body as unknown as Made;
}

const enqueue = (token: string, queue = "orders"): Promise<Answer> =>
  ask(token, "POST", `/v1/queues/${queue}/tasks`, { payload: 1 });

const PRODUCER = { queues: ["orders*"], can: ["enqueue"] };

describe("a token that an admin makes", () => {
  test("allows what it was asked for, names its holder and maker, and ends in 30 days", async () => {
    const { token, id, expiresAt } = await made({ ...PRODUCER, subject: "shop" });
    expect(decodeProtectedHeader(token)).toEqual({ alg: "HS256", kid: "k2" });
    const claims = decodeJwt(token);
    expect(claims).toMatchObject({ ...PRODUCER, sub: "shop", by: "ada", jti: id });
    expect([claims.exp, (claims.exp ?? 0) - (claims.iat ?? 0)]).toEqual([expiresAt / 1_000, 30 * 86_400]);
    expect((await enqueue(token)).status).toBe(201);
    expect((await enqueue(token, "mails")).status).toBe(403);
  });

  test("may be limited to lanes and in its rate, and be signed with a key that is named", async () => {
    const rights = { ...PRODUCER, lanes: ["eu"], requestsPerSecond: 1, expiresInMs: 60_000, keyId: "k1" };
    const { token } = await made(rights);
    expect(decodeProtectedHeader(token).kid).toBe("k1");
    expect((await enqueue(token)).status).toBe(403);
    expect((await enqueue(token)).status).toBe(429);
  });

  test("has no more rights than the token that asks", async () => {
    const some = await made({ queues: ["*"], can: ["admin", "enqueue"] });
    await made({ queues: ["orders"], can: ["enqueue"] }, some.token);
    const { status, body } = await ask(some.token, "POST", "/v1/tokens", { queues: ["orders"], can: ["claim"] });
    expect([status, body["code"], body["field"]]).toEqual([403, "forbidden", "can"]);
    const worker = await made({ queues: ["*"], can: ["claim", "enqueue"] });
    expect((await ask(worker.token, "POST", "/v1/tokens", PRODUCER)).status).toBe(403);
  });

  // What is absent is as wide as its default: half of all parked claims, a quarter of all sockets.
  test.each([
    ["requestsPerSecond", { requestsPerSecond: 5 }, [{ requestsPerSecond: 6 }, {}], { requestsPerSecond: 5 }],
    ["tasksPerSecond", { tasksPerSecond: 5 }, [{ tasksPerSecond: 6 }, {}], { tasksPerSecond: 5 }],
    ["parkedClaims", {}, [{ parkedClaims: 5_001 }], { parkedClaims: 5_000 }],
    ["sockets", {}, [{ sockets: 8_193 }], { sockets: 8_192 }],
    ["createsQueues", { createsQueues: false }, [{}], { createsQueues: false }],
    ["ownClaims", { ownClaims: true }, [{}], { ownClaims: true }],
  ])("is as bounded as its maker in %s", async (field, own, freer, equal) => {
    const maker = await tokenOf({ claims: { can: ["admin", "enqueue"], ...own } });
    for (const asked of freer) {
      const { status, body } = await ask(maker, "POST", "/v1/tokens", { ...PRODUCER, ...asked });
      expect([status, body["field"]]).toEqual([403, field]);
    }
    expect(decodeJwt((await made({ ...PRODUCER, ...equal }, maker)).token)).toMatchObject(equal);
  });

  test.each([
    [{ can: ["enqueue"] }, "queues"],
    [{ queues: ["or ders"], can: ["enqueue"] }, "queues[0]"],
    [{ queues: ["orders"], can: ["all"] }, "can[0]"],
    [{ ...PRODUCER, expiresInMs: 999 }, "expiresInMs"],
    [{ ...PRODUCER, expiresInMs: 315_360_000_001 }, "expiresInMs"],
    [{ ...PRODUCER, keyId: "k9" }, "keyId"],
    [{ ...PRODUCER, subject: "" }, "subject"],
    [{ queues: ["orders"], can: ["browse"], lanes: ["eu"] }, "can"],
    [{ ...PRODUCER, rights: 1 }, "rights"],
  ])("is refused for %j, naming the field", async (rights, field) => {
    const { status, body } = await ask(admin, "POST", "/v1/tokens", rights);
    expect([status, body["code"], body["field"]]).toEqual([400, "invalid-request", field]);
  });
});

describe("a token that is revoked", () => {
  test("is refused from then on, by its id; others go on", async () => {
    const [one, other] = [await made(PRODUCER), await made(PRODUCER)];
    expect((await enqueue(one.token)).status).toBe(201);
    const { status, body } = await ask(admin, "POST", "/v1/tokens/revoke", { id: one.id, expiresAt: one.expiresAt });
    expect([status, body]).toEqual([
      200,
      { id: one.id, revokedAt: expect.any(Number) as number, expiresAt: one.expiresAt },
    ]);
    const refused = await enqueue(one.token);
    expect([refused.status, refused.body["detail"]]).toEqual([401, "The token is not accepted: revoked"]);
    expect((await enqueue(other.token)).status).toBe(201);
    expect(await ask(admin, "POST", "/v1/tokens/revoke", { id: one.id, expiresAt: one.expiresAt })).toEqual({
      status,
      body,
    });
  });

  test.each([
    [{}, "id"],
    [{ id: "" }, "id"],
    [{ id: "x".repeat(129) }, "id"],
    [{ id: "t", expiresAt: 1_700_000_000_000 }, "expiresAt"],
    [{ id: "t", token: "eyJ" }, "token"],
  ])("is not revoked by %j, which names the field", async (asked, field) => {
    const { status, body } = await ask(admin, "POST", "/v1/tokens/revoke", asked);
    expect([status, body["code"], body["field"]]).toEqual([400, "invalid-request", field]);
  });

  test.each([
    ["what is signed of it", -1],
    ["all of it, as earlier versions did", undefined],
  ])("may be named by its fingerprint if it has no id: of %s", async (sub, parts) => {
    const token = await tokenOf({ claims: { ...PRODUCER, sub } });
    expect((await enqueue(token)).status).toBe(201);
    const text = token.split(".").slice(0, parts).join(".");
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
    await ask(admin, "POST", "/v1/tokens/revoke", { id: new Uint8Array(digest).toHex().slice(0, 16) });
    expect((await enqueue(token)).status).toBe(401);
  });

  test("stays revoked over a crash, from the first request on", async () => {
    const { token, id } = await made(PRODUCER);
    await ask(admin, "POST", "/v1/tokens/revoke", { id });
    await server.crash();
    expect((await enqueue(token)).status).toBe(401);
  });

  test("is listed, page by page", async () => {
    const ids = [await made(PRODUCER), await made(PRODUCER), await made(PRODUCER)].map(({ id }) => id);
    for (const id of ids) await ask(admin, "POST", "/v1/tokens/revoke", { id });
    const seen: string[] = [];
    for (let cursor: string | null = "0"; cursor !== null;) {
      const { body } = await ask(admin, "GET", `/v1/tokens/revoked?limit=2&cursor=${cursor}`);
      const page = body as unknown as { tokens: { id: string }[]; cursor: string | null };
      expect(page.tokens.length).toBeLessThanOrEqual(2);
      seen.push(...page.tokens.map(({ id }) => id));
      ({ cursor } = page);
    }
    expect(seen.slice(-3)).toEqual(ids);
  });

  test("ends the sockets that were opened with it", async () => {
    const { token, id } = await made({ queues: ["orders"], can: ["claim", "enqueue"] });
    const url = `${server.url.replace("http", "ws")}/v1/queues/orders/socket`;
    const socket = new WebSocket(url, ["edgeq.v1", `edgeq.token.${token}`]);
    await once(socket, "open");
    await ask(admin, "POST", "/v1/tokens/revoke", { id });
    const closed = once(socket, "close");
    socket.send(JSON.stringify({ id: 1, op: "enqueue", body: { payload: 1 } }));
    const [{ code }] = (await closed) as [CloseEvent];
    expect(code).toBe(4401);
  });
});
