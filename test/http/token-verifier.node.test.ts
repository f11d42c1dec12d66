// Tokens, good and bad, with a clock that the test moves.

import { fc } from "../random/fc.ts";
import { describe, expect, test, vi } from "vitest";
import { LIMITS } from "../../src/core/limits.ts";
import { parseSigningKeys } from "../../src/http/signing-keys.ts";
import { TokenVerifier, type Verified } from "../../src/http/token-verifier.ts";
import { KEYS, SECRETS, tokenOf, unsignedToken, withHeader, type TokenParts } from "./token-builder.ts";

const ALPHABET = Array.from("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.");
const NOW = 1_800_000_000_000;
const NOW_S = NOW / 1_000;

function verifierOf(text = KEYS): TokenVerifier {
  const result = parseSigningKeys(text);
  if (result.kind === "malformed") throw new Error(result.why);
  return new TokenVerifier(result.keys);
}

async function verdict(parts: TokenParts, now = NOW): Promise<Verified> {
  return verifierOf().verify(await tokenOf({ exp: NOW_S + 60, ...parts }), now);
}

test("a good token grants what its claims say", async () => {
  const claims = { queues: ["orders*"], can: ["enqueue"] };
  const grant = { ...claims, endsAt: NOW + 60_000 };
  const owner: unknown = expect.stringMatching(/^[0-9a-f]{16}$/);
  const fingerprint: unknown = expect.stringMatching(/^[0-9a-f]{16}$/);
  expect(await verdict({ claims })).toMatchObject({
    kind: "granted",
    grant: { ...grant, owner, tokenIds: [fingerprint, fingerprint] },
  });
  expect(await verdict({ claims: { ...claims, jti: "t-1", sub: "shop" } })).toMatchObject({
    grant: { tokenIds: ["t-1", fingerprint, fingerprint], subject: "shop" },
  });
});

async function ownerOf(exp: number): Promise<unknown> {
  const verified = await verdict({ claims: { queues: ["orders"], can: ["enqueue"] }, exp });
  return verified.kind === "granted" ? verified.grant.owner : null;
}

test("two tokens with the same rights have each its own quota of producers", async () => {
  expect(await ownerOf(NOW_S + 60)).toBe(await ownerOf(NOW_S + 60));
  expect(await ownerOf(NOW_S + 60)).not.toBe(await ownerOf(NOW_S + 61));
});

// Another text would have another fingerprint, by which tokens without an id are revoked and their holders are told apart.
test("a token has one text: what else would decode to its signature is refused", async () => {
  const token = await tokenOf({ exp: NOW_S + 60 });
  const last = ALPHABET.indexOf(token.at(-1) ?? "");
  const others = [1, 2, 3].map((unused) => `${token.slice(0, -1)}${ALPHABET[(last & ~3) | unused]}`);
  for (const other of [...others, `${token}=`, `${token} `, token.replaceAll("_", "/").replaceAll("-", "+")]) {
    if (other === token) continue;
    expect(await verifierOf().verify(other, NOW)).toMatchObject({ kind: "refused" });
  }
});

describe("expiry", () => {
  test.each([
    ["the millisecond before", NOW + 59_999, "granted"],
    ["at", NOW + 60_000, "refused"],
    ["after", NOW + 60_001, "refused"],
  ])("a token %s its expiry is %#", async (_, now, kind) => {
    expect((await verdict({}, now)).kind).toBe(kind);
  });

  test("a token that was good before is refused at its expiry, and stays refused", async () => {
    const verifier = verifierOf();
    const token = await tokenOf({ exp: NOW_S + 60 });
    expect((await verifier.verify(token, NOW)).kind).toBe("granted");
    expect((await verifier.verify(token, NOW + 59_999)).kind).toBe("granted");
    expect(await verifier.verify(token, NOW + 60_000)).toEqual({ kind: "refused", why: "expired" });
    expect(await verifier.verify(token, NOW + 60_000)).toEqual({ kind: "refused", why: "expired" });
  });

  test("a token without an expiry is refused", async () => {
    expect(await verdict({ exp: null })).toMatchObject({ kind: "refused", why: expect.stringContaining("exp") });
  });

  test("a token may be good to the end of the year 9999", async () => {
    const exp = 253_402_300_799;
    expect(await verdict({ exp })).toMatchObject({ kind: "granted", grant: { endsAt: exp * 1_000 } });
  });

  test.each([253_402_300_799.5, 1e15, 1e306])("an expiry of %d, beyond it, is refused", async (exp) => {
    expect(await verdict({ exp })).toMatchObject({
      kind: "refused",
      why: expect.stringContaining("claim exp: given") as unknown,
    });
  });

  test("a token that is not valid yet is refused", async () => {
    expect(await verdict({ claims: { nbf: NOW_S + 1 } })).toMatchObject({ kind: "refused" });
  });
});

describe("keys", () => {
  test("each key signs for its own id", async () => {
    expect((await verdict({ header: { alg: "HS256", kid: "k2" }, secret: SECRETS.k2 })).kind).toBe("granted");
  });

  test.each([
    ["another key's secret", { header: { alg: "HS256", kid: "k2" }, secret: SECRETS.k1 }],
    ["a secret that is no key's", { secret: "some other secret of at least 32 bytes" }],
    ["an unknown key id", { header: { alg: "HS256", kid: "k3" } }],
    ["no key id", { header: { alg: "HS256" } }],
    ["a key id of the prototype's", { header: { alg: "HS256", kid: "__proto__" } }],
  ])("%s is a signature that is not valid", async (_, parts) => {
    expect(await verdict(parts)).toEqual({ kind: "refused", why: "signature not valid" });
  });

  test("an unknown key id costs as much work as a wrong signature", async () => {
    const verify = vi.spyOn(crypto.subtle, "verify");
    const verifier = verifierOf();
    for (const kid of ["k1", "k9"]) {
      const token = await tokenOf({ exp: NOW_S + 60, header: { alg: "HS256", kid }, secret: "x".repeat(32) });
      await verifier.verify(token, NOW);
    }
    expect(verify).toHaveBeenCalledTimes(2);
    verify.mockRestore();
  });

  test("a key that is no longer configured no longer lets in", async () => {
    const token = await tokenOf({ exp: NOW_S + 60 });
    const rotated = verifierOf(JSON.stringify({ k2: SECRETS.k2 }));
    expect((await rotated.verify(token, NOW)).kind).toBe("refused");
  });
});

describe("algorithms", () => {
  const claims = { queues: ["*"], can: ["claim"], exp: NOW_S + 60 };

  test.each(["none", "None", "NONE"])("alg %s is refused", async (alg) => {
    expect((await verifierOf().verify(unsignedToken({ alg, kid: "k1" }, claims), NOW)).kind).toBe("refused");
  });

  test.each(["RS256", "ES256", "HS384", "HS512", "EdDSA", "dir"])(
    "a good signature under a header that says %s is refused",
    async (alg) => {
      const forged = withHeader(await tokenOf({ exp: NOW_S + 60 }), { alg, kid: "k1" });
      expect(await verifierOf().verify(forged, NOW)).toEqual({ kind: "refused", why: "not signed with HS256" });
    },
  );

  test.each(["HS384", "HS512"])("a token that is really signed with %s is refused", async (alg) => {
    const secret = "x".repeat(64);
    const token = await tokenOf({ exp: NOW_S + 60, header: { alg, kid: "k1" }, secret });
    expect(await verifierOf(JSON.stringify({ k1: secret })).verify(token, NOW)).toMatchObject({
      why: "not signed with HS256",
    });
  });

  test("a header that asks for an extension is refused", async () => {
    const forged = withHeader(await tokenOf({ exp: NOW_S + 60 }), {
      alg: "HS256",
      kid: "k1",
      crit: ["b64"],
      b64: false,
    });
    expect((await verifierOf().verify(forged, NOW)).kind).toBe("refused");
  });
});

describe("what is not a token", () => {
  test.each(["", ".", "..", "...", "a.b.c", "eyJhbGciOiJIUzI1NiJ9", "null.null.null", "💥.💥.💥"])(
    "%j is refused",
    async (text) => {
      expect((await verifierOf().verify(text, NOW)).kind).toBe("refused");
    },
  );

  test("a token longer than the limit is refused, one at the limit is not", async () => {
    const verifier = verifierOf();
    const bare = await tokenOf({ exp: NOW_S + 60, claims: { pad: "" } });
    const padded = async (characters: number): Promise<string> =>
      tokenOf({ exp: NOW_S + 60, claims: { pad: "x".repeat(characters) } });
    const room = Math.floor(((LIMITS.tokenLength - bare.length) * 3) / 4);
    const longest = await padded(room);
    expect(LIMITS.tokenLength - longest.length).toBeLessThan(3);
    expect((await verifier.verify(longest, NOW)).kind).toBe("granted");
    expect((await verifier.verify(await padded(room + 3), NOW)).kind).toBe("refused");
  });

  test("no change of any one character of a good token is let in", async () => {
    const verifier = verifierOf();
    const token = await tokenOf({ exp: NOW_S + 60 });
    await fc.assert(
      fc.asyncProperty(fc.nat(token.length - 1), fc.constantFrom(...ALPHABET), async (at, character) => {
        const changed = token.slice(0, at) + character + token.slice(at + 1);
        // The last character of a signature carries bits that decode to nothing.
        if (changed === token || at === token.length - 1) return;
        expect((await verifier.verify(changed, NOW)).kind).toBe("refused");
      }),
      { numRuns: 500 },
    );
  });

  test("no text makes it throw", async () => {
    const verifier = verifierOf();
    const segment = fc.oneof(
      fc.string(),
      fc.json().map((json) => new TextEncoder().encode(json).toBase64({ alphabet: "base64url" })),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(segment, { maxLength: 5 }), async (segments) => {
        expect((await verifier.verify(segments.join("."), NOW)).kind).toBe("refused");
      }),
      { numRuns: 500 },
    );
  });
});

test("more tokens than it remembers are all let in, again and again", async () => {
  const verifier = verifierOf();
  const tokens = await Promise.all(
    Array.from({ length: LIMITS.verifiedTokens + 2 }, (_, index) =>
      tokenOf({ exp: NOW_S + 60, claims: { jti: String(index) } }),
    ),
  );
  for (const token of [...tokens, ...tokens]) expect((await verifier.verify(token, NOW)).kind).toBe("granted");
});
