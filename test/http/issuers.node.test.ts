// Tokens of issuers: who is let in by which signature, what is fetched how often, and what their claims grant.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "smol-toml";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { base64url, SignJWT, UnsecuredJWT } from "jose";
import { PROJECT_DIR } from "../../scripts/worker-config.ts";
import { parseIssuers } from "../../src/http/identity/issuer-settings.ts";
import { Issuer, Issuers } from "../../src/http/identity/issuers.ts";
import { parseSigningKeys } from "../../src/http/signing-keys.ts";
import { tokenFingerprintOf } from "../../src/http/token-fingerprint.ts";
import { TokenVerifier, type Verified } from "../../src/http/token-verifier.ts";
import { issued, issuerKey, KeyServer, type IssuerKey } from "./issuer.ts";
import { KEYS, tokenOf } from "./token-builder.ts";

const NOW = 1_800_000_000_000;
const NOW_S = NOW / 1_000;
const TEAM = "https://team.cloudflareaccess.com";
const AUD = "4714c1358e65fe4b408ad6d432a5f878f08194bdb4752441fd56faefa9b2b6f2";
const GRANTS = [
  { when: { custom: { groups: ["ops", "sre"] } }, queues: ["*"], can: ["browse", "manage", "admin"] },
  { when: { email: "*@example.com" }, queues: ["orders-*"], can: ["browse"] },
  { when: { common_name: "shop.access" }, queues: ["orders-eu"], can: ["enqueue"], requestsPerSecond: 2 },
];

let keys: KeyServer;
let rsa: IssuerKey;
let ec: IssuerKey;
let ed: IssuerKey;

beforeAll(async () => {
  keys = await KeyServer.start();
  [rsa, ec, ed] = await Promise.all([
    issuerKey("RS256", "rsa-1"),
    issuerKey("ES256", "ec-1"),
    issuerKey("EdDSA", "ed-1"),
  ]);
});
afterAll(() => keys.stop());
beforeEach(() => {
  keys.asked = 0;
  keys.answer = null;
  keys.keys = [rsa.jwk, ec.jwk, ed.jwk];
  const said = vi.spyOn(console, "error").mockImplementation(() => {});
  return () => said.mockRestore();
});

function verifierOf(more: object = {}): TokenVerifier {
  const result = parseIssuers([{ issuer: TEAM, audience: [AUD], jwksUrl: keys.url, grants: GRANTS, ...more }]);
  if (result.kind === "malformed") throw new Error(result.why);
  const signing = parseSigningKeys(KEYS);
  if (signing.kind === "malformed") throw new Error(signing.why);
  return new TokenVerifier(signing.keys, new Issuers(result.issuers.map((one) => new Issuer(one))));
}

const PERSON = { iss: TEAM, aud: [AUD], email: "ada@example.com", sub: "7335d417", type: "app", country: "PT" };

const person = (key: IssuerKey, claims: object = {}): Promise<string> => issued(key, { ...PERSON, ...claims }, NOW_S);

/** The same token with a signature that is valid too: the order of the curve, less the second number of the first. */
function otherSignature(token: string): string {
  const end = token.lastIndexOf(".");
  const signature = base64url.decode(token.slice(end + 1));
  const second = BigInt(`0x${signature.subarray(32).toHex()}`);
  signature.set(Uint8Array.fromHex((ORDER - second).toString(16).padStart(64, "0")), 32);
  return `${token.slice(0, end)}.${base64url.encode(signature)}`;
}

async function idsOf(token: string): Promise<readonly string[]> {
  const verified = await verdict(token);
  return verified.kind === "granted" ? (verified.grant.tokenIds ?? []) : [];
}

/** Of the curve P-256. */
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

async function verdict(token: string, now = NOW): Promise<Verified> {
  return verifierOf().verify(token, now);
}

describe("signatures", () => {
  test("of ES256 are revoked in whatever way their signature is written", async () => {
    const token = await person(ec);
    const other = otherSignature(token);
    expect(await idsOf(other)).toContain(await tokenFingerprintOf(token));
    expect(await idsOf(token)).toContain(await tokenFingerprintOf(token));
  });

  test("of RS256, ES256 and EdDSA let in, each with its own key", async () => {
    for (const key of [rsa, ec, ed]) {
      expect(await verdict(await person(key))).toMatchObject({
        kind: "granted",
        grant: { queues: ["orders-*"], can: ["browse"], subject: "ada@example.com", endsAt: NOW + 3_630_000 },
      });
    }
  });

  test("of our own keys go on to let in beside them", async () => {
    expect((await verdict(await tokenOf({ exp: NOW_S + 60 }))).kind).toBe("granted");
    expect(keys.asked).toBe(0);
  });

  test("of another key under a known id, of an unknown id, or none at all let nobody in", async () => {
    const other = await issuerKey("RS256", "rsa-1");
    const stranger = await issuerKey("RS256", "rsa-9");
    expect(await verdict(await person(other))).toEqual({ kind: "refused", why: "signature not valid" });
    expect(await verdict(await person(stranger))).toEqual({ kind: "refused", why: "its issuer has no such key" });
    expect((await verdict(new UnsecuredJWT(PERSON).encode())).kind).toBe("refused");
  });

  test("a public key taken for a shared secret lets nobody in", async () => {
    const secrets = [JSON.stringify(rsa.jwk), rsa.jwk.n ?? "", ec.jwk.x ?? ""];
    for (const secret of secrets) {
      const forged = new SignJWT({ ...PERSON, exp: NOW_S + 60, queues: ["*"], can: ["admin"] });
      const token = await forged
        .setProtectedHeader({ alg: "HS256", kid: "rsa-1" })
        .sign(new TextEncoder().encode(secret.padEnd(32, "x")));
      expect(await verdict(token)).toEqual({ kind: "refused", why: "signature not valid" });
    }
    expect(keys.asked).toBe(0);
  });

  test("an algorithm that the issuer is not configured for is refused, whatever key it has", async () => {
    const verifier = verifierOf({ algorithms: ["ES256"] });
    expect(await verifier.verify(await person(rsa), NOW)).toMatchObject({ kind: "refused" });
    expect((await verifier.verify(await person(ec), NOW)).kind).toBe("granted");
  });
});

/** What a person's token grants with these claims. */
async function grantedBy(claims: object): Promise<unknown> {
  const verified = await verdict(await person(rsa, claims));
  return verified.kind === "granted" ? { queues: verified.grant.queues, can: verified.grant.can } : verified;
}

describe("claims", () => {
  test.each([
    ["another audience", { aud: ["another"] }],
    ["no audience", { aud: undefined }],
    ["another issuer", { iss: "https://other.cloudflareaccess.com" }],
    ["no expiry", { exp: undefined }],
    ["an expiry past the leeway", { exp: NOW_S - 31 }],
    ["a beginning past the leeway", { nbf: NOW_S + 31 }],
    ["nothing that a rule asks for", { email: "eve@example.org" }],
    ["a lookalike address", { email: "ada@example.com.evil.org" }],
    ["no text where a rule wants one", { email: { toString: "ada@example.com" } }],
  ])("a token with %s is refused", async (_, claims) => {
    expect((await verdict(await person(rsa, claims))).kind).toBe("refused");
  });

  test("clocks may differ by 30 seconds", async () => {
    expect((await verdict(await person(rsa, { exp: NOW_S - 29 }))).kind).toBe("granted");
    expect((await verdict(await person(rsa, { nbf: NOW_S + 30 }))).kind).toBe("granted");
  });

  test("the first rule that they fit is what they grant", async () => {
    const all = { queues: ["*"], can: ["browse", "manage", "admin"] };
    expect(await grantedBy({ custom: { groups: ["dev", "sre"] } })).toEqual(all);
    expect(await grantedBy({ custom: { groups: "ops" } })).toEqual(all);
    expect(await grantedBy({ custom: { groups: ["dev"] } })).toEqual({ queues: ["orders-*"], can: ["browse"] });
    const program = { email: undefined, sub: "", common_name: "shop.access" };
    expect(await grantedBy(program)).toEqual({ queues: ["orders-eu"], can: ["enqueue"] });
  });

  test("a claim of the token's own may say what it grants", async () => {
    const claim = "https://edgeq.dev/grant";
    const verifier = verifierOf({ claim, grants: undefined });
    const good = await person(rsa, { [claim]: { queues: ["mails"], can: ["claim"] } });
    expect(await verifier.verify(good, NOW)).toMatchObject({ grant: { queues: ["mails"], can: ["claim"] } });
    for (const value of [undefined, "mails", { queues: ["mails"], can: ["everything"] }]) {
      expect((await verifier.verify(await person(rsa, { [claim]: value }), NOW)).kind).toBe("refused");
    }
  });

  test("the holder of one token after another is one owner", async () => {
    const owners = [await verdict(await person(rsa)), await verdict(await person(ec, { exp: NOW_S + 60 }))];
    const [first, second] = owners.map((verified) => (verified.kind === "granted" ? verified.grant.owner : null));
    expect(first).toBe(second);
    const other = await verdict(await person(rsa, { sub: "2a90c1d4" }));
    expect(other.kind === "granted" ? other.grant.owner : first).not.toBe(first);
  });
});

describe("the issuer's keys", () => {
  test("are fetched once for many tokens", async () => {
    const verifier = verifierOf();
    for (let n = 0; n < 20; n += 1) expect((await verifier.verify(await person(rsa, { n }), NOW)).kind).toBe("granted");
    expect(keys.asked).toBe(1);
  });

  test("are fetched anew for an id that is not known, and not again for 30 seconds", async () => {
    const verifier = verifierOf();
    keys.keys = [rsa.jwk];
    expect((await verifier.verify(await person(rsa), NOW)).kind).toBe("granted");
    keys.keys = [rsa.jwk, ec.jwk];
    expect((await verifier.verify(await person(ec), NOW + 30_000)).kind).toBe("granted");
    expect(keys.asked).toBe(2);
    for (let n = 0; n < 50; n += 1)
      expect((await verifier.verify(await person(ed, { n }), NOW + 59_999)).kind).toBe("refused");
    expect(keys.asked).toBe(2);
    keys.keys = [ed.jwk];
    expect((await verifier.verify(await person(ed), NOW + 60_000)).kind).toBe("granted");
    expect(keys.asked).toBe(3);
  });

  test("that it has withdrawn let nobody in after 10 minutes, also not by a token that was good before", async () => {
    const verifier = verifierOf();
    const token = await person(rsa);
    expect((await verifier.verify(token, NOW)).kind).toBe("granted");
    keys.keys = [ec.jwk];
    expect((await verifier.verify(token, NOW + 599_999)).kind).toBe("granted");
    expect((await verifier.verify(token, NOW + 600_000)).kind).toBe("refused");
  });

  test("serve for an hour when they cannot be fetched; then nobody is let in", async () => {
    const verifier = verifierOf();
    const token = await person(rsa, { exp: NOW_S + 86_400 });
    expect((await verifier.verify(token, NOW)).kind).toBe("granted");
    keys.answer = { status: 500, body: "" };
    expect((await verifier.verify(token, NOW + 3_599_999)).kind).toBe("granted");
    expect(await verifier.verify(token, NOW + 4_200_000)).toEqual({
      kind: "unavailable",
      why: "the issuer's keys cannot be had",
    });
    keys.answer = null;
    expect((await verifier.verify(token, NOW + 4_205_000)).kind).toBe("granted");
  });

  test.each([
    ["an error", { status: 503, body: "" }],
    ["a page", { status: 200, body: "<!doctype html>" }],
    ["another document", { status: 200, body: '{"keys":1}' }],
    ["no keys of use", { status: 200, body: '{"keys":[{"kty":"oct","k":"c2VjcmV0"}]}' }],
    ["a list beyond its limit", { status: 200, body: `{"keys":[],"pad":"${"x".repeat(300_000)}"}` }],
    ["a way to somewhere else", { status: 302, body: "", location: "/elsewhere" }],
  ])("that are %s let nobody in, and are not asked for by each request", async (_, answer) => {
    keys.answer = answer;
    const verifier = verifierOf();
    for (let n = 0; n < 20; n += 1)
      expect((await verifier.verify(await person(rsa, { n }), NOW)).kind).toBe("unavailable");
    expect(keys.asked).toBe(1);
  });

  test("are asked for by a bounded number of requests at once, none of which is refused for the others'", async () => {
    const verifier = verifierOf();
    const tokens = await Promise.all(Array.from({ length: 12 }, (_, n) => person(rsa, { n })));
    const verified = await Promise.all(tokens.map((token) => verifier.verify(token, NOW)));
    expect(verified.map(({ kind }) => kind)).toEqual(tokens.map(() => "granted"));
    const more = verifierOf();
    const many = await Promise.all(Array.from({ length: 60 }, (_, n) => person(rsa, { n })));
    keys.asked = 0;
    await Promise.all(many.map((token) => more.verify(token, NOW)));
    expect(keys.asked).toBeLessThanOrEqual(16);
  });

  test("may be written down in place of an address, and then nothing is fetched", async () => {
    const verifier = verifierOf({ jwksUrl: undefined, jwks: { keys: [ed.jwk] } });
    expect((await verifier.verify(await person(ed), NOW)).kind).toBe("granted");
    expect((await verifier.verify(await person(rsa), NOW)).kind).toBe("refused");
    expect(keys.asked).toBe(0);
  });
});

describe("settings", () => {
  const issuer = { issuer: TEAM, audience: [AUD], jwksUrl: `${TEAM}/cdn-cgi/access/certs`, grants: GRANTS };

  test("are an array, or its JSON", () => {
    expect(parseIssuers([issuer]).kind).toBe("issuers");
    expect(parseIssuers(JSON.stringify([issuer])).kind).toBe("issuers");
  });

  test("are those of docs/identity.md", async () => {
    const text = await readFile(join(PROJECT_DIR, "docs/identity.md"), "utf8");
    const blocks = [...text.matchAll(/^ *```toml\n([\s\S]*?)^ *```/gm)].map(([, block = ""]) => parse(block));
    const shown = blocks.flatMap(({ vars }) => (vars as { readonly EDGEQ_ISSUERS: unknown[] }).EDGEQ_ISSUERS);
    expect(shown).toHaveLength(2);
    expect(parseIssuers(shown)).toMatchObject({ kind: "issuers" });
  });

  test.each([
    ["junk", /JSON/],
    [[], /issuers: given "an array of 0"/],
    [[issuer, issuer], /each issuer once/],
    [[{ ...issuer, audience: undefined }], /issuers\[0\]\.audience/],
    [[{ ...issuer, jwksUrl: "http://keys.example.com/" }], /issuers\[0\]\.jwksUrl.*https/],
    [[{ ...issuer, jwksUrl: undefined }], /either jwksUrl or jwks/],
    [[{ ...issuer, algorithms: ["HS256"] }], /one of RS256, ES256, EdDSA/],
    [[{ ...issuer, grants: undefined }], /grants, or the claim/],
    [[{ ...issuer, grants: [{ queues: ["*"], can: ["admin"] }] }], /grants\[0\]\.when: given nothing/],
    [[{ ...issuer, grants: [{ when: {}, queues: ["*"], can: ["all"] }] }], /grants\[0\]\.can\[0\]: given/],
    [[{ ...issuer, group: "ops" }], /issuers\[0\]\.group/],
  ])("%j are malformed, and say where", (value, why) => {
    expect(parseIssuers(value)).toEqual({ kind: "malformed", why: expect.stringMatching(why) as string });
  });

  test("with a private or a shared key are malformed, and the key is not shown", () => {
    for (const key of [
      { ...rsa.jwk, d: "c2VjcmV0" },
      { kty: "oct", k: "c2VjcmV0" },
    ]) {
      const result = parseIssuers([{ ...issuer, jwksUrl: undefined, jwks: { keys: [key] } }]);
      expect(result).toMatchObject({ kind: "malformed" });
      expect(JSON.stringify(result)).not.toContain("c2VjcmV0");
    }
  });
});
