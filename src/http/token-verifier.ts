// Whether a token is good, and what it grants. Tokens are JWTs: our own, HS256, their key chosen by `kid`, or those of issuers, whose
// signatures identity/ verifies. Which of the two is decided by the algorithm alone, and each takes none of the other's.

import { base64url, errors, jwtVerify, type JWTHeaderParameters, type JWTPayload } from "jose";
import { LIMITS } from "../core/limits.ts";
import { putLast } from "../core/put-last.ts";
import { grantOf, type Grant } from "../api/grant.ts";
import { Quotas, type Quota } from "../api/quota.ts";
import { KeysUnavailable } from "./identity/issuer-keys.ts";
import { subjectOf } from "./identity/issued-grant.ts";
import { ISSUER_LEEWAY_MS, Issuers } from "./identity/issuers.ts";
import type { SigningKeys } from "./signing-keys.ts";
import { fingerprintOf, tokenFingerprintOf } from "./token-fingerprint.ts";

export type Verified =
  | { readonly kind: "granted"; readonly grant: Grant; readonly quota: Quota }
  | { readonly kind: "refused"; readonly why: string }
  /** It cannot be verified just now. */
  | { readonly kind: "unavailable"; readonly why: string };

/** Of our own tokens: whatever else a token's header asks for (none, RS256 with the secret as its public key) is refused. */
const ALGORITHM = "HS256";

/** The year 9999, in seconds. */
const MOST_EXP = 253_402_300_799;

/** How long a token of an issuer is taken at its word before its signature is verified again. ms. */
const VERIFIED_MS = 600_000;

interface Known {
  readonly grant: Grant & { readonly endsAt: number };
  /** Past this it is verified again: an issuer may have withdrawn its key. */
  readonly verifyAt: number;
  readonly quota: Quota;
}

export class TokenVerifier {
  readonly #secrets: SigningKeys;
  // Values only, never promises: one request of a Worker must not wait for the I/O of another.
  readonly #imported = new Map<string, CryptoKey>();
  /** Verifies nothing: a token of an unknown key is refused after as much work as one with a wrong signature. */
  #decoy: CryptoKey | undefined;
  /** Tokens that were good, by their text; the one used longest ago goes first. A refused one is not kept: anybody can send those. */
  readonly #known = new Map<string, Known>();
  readonly #quotas = new Quotas(() => Date.now());
  readonly #issuers: Issuers;

  /** @param keys none: only tokens of issuers are good */
  constructor(keys: SigningKeys, issuers = new Issuers([])) {
    this.#secrets = keys;
    this.#issuers = issuers;
  }

  /** @param now ms. Never throws for anything that a token can be. */
  async verify(token: string, now: number): Promise<Verified> {
    if (token.length > LIMITS.tokenLength) return refused(`longer than ${LIMITS.tokenLength} characters`);
    const kept = this.#known.get(token);
    const known = kept !== undefined && now < kept.verifyAt ? kept : await this.#verify(token, now);
    this.#known.delete(token);
    if ("kind" in known) return known;
    if (known.grant.endsAt <= now) return refused("expired");
    putLast(this.#known, token, known, LIMITS.verifiedTokens);
    return { kind: "granted", grant: known.grant, quota: known.quota };
  }

  async #verify(token: string, now: number): Promise<Known | Verified> {
    if (!isCanonical(token)) return refused(NOT_SIGNED);
    const issuer = this.#issuers.issuerOf(token);
    let payload: JWTPayload;
    try {
      payload = issuer === null ? await this.#verifyOwn(token, now) : await issuer.verify(token, now);
    } catch (error) {
      if (error instanceof KeysUnavailable) return { kind: "unavailable", why: "the issuer's keys cannot be had" };
      if (error instanceof errors.JOSEError) return refused(whyOf(error));
      throw error;
    }
    const result = issuer === null ? grantOf(payload) : issuer.grantOf(payload);
    if (result.kind === "invalid") return refused(result.why);
    const { exp = 0 } = payload;
    // Beyond it an instant is no exact number, and what is no number means "never" to some and "now" to others.
    if (exp > MOST_EXP) return refused(`claim exp: given ${exp}, allowed: seconds since 1970, at most ${MOST_EXP}`);
    const { sub } = payload;
    if (sub !== undefined && !isSubject(sub)) return refused(`claim sub: allowed: ${SUBJECT}`);
    const subject = subjectOf(payload);
    // Issuers give the same holder a new token every hour or so. What else names a holder than `sub` may be of their own choice.
    const holder = sub === undefined || sub === "" ? (issuer === null ? token : subject) : sub;
    const owner = await fingerprintOf(`${issuer?.name ?? "own"} ${holder}`);
    // The last is what earlier versions named it by.
    const fingerprints = [await tokenFingerprintOf(token), await fingerprintOf(token)];
    const tokenIds = isId(payload.jti) ? [payload.jti, ...fingerprints] : fingerprints;
    const endsAt = exp * 1_000 + (issuer === null ? 0 : ISSUER_LEEWAY_MS);
    const whose = subject === "" ? {} : { subject };
    const verifyAt = issuer === null ? Number.POSITIVE_INFINITY : now + VERIFIED_MS;
    const grant = { ...result.grant, endsAt, owner, tokenIds, ...whose };
    return { grant, verifyAt, quota: this.#quotas.of(grant) };
  }

  async #verifyOwn(token: string, now: number): Promise<JWTPayload> {
    const { payload } = await jwtVerify(token, (header) => this.#keyFor(header), {
      algorithms: [ALGORITHM],
      requiredClaims: ["exp"],
      currentDate: new Date(now),
    });
    return payload;
  }

  async #keyFor({ kid = "" }: JWTHeaderParameters): Promise<CryptoKey> {
    const imported = this.#imported.get(kid);
    if (imported !== undefined) return imported;
    const secret = this.#secrets.get(kid);
    if (secret === undefined) return (this.#decoy ??= await keyOf(crypto.getRandomValues(new Uint8Array(32))));
    const key = await keyOf(secret);
    this.#imported.set(kid, key);
    return key;
  }
}

const SUBJECT = "text of at most 256 characters";

/** A token may say anything, whatever the type of its payload promises. */
function isSubject(sub: unknown): boolean {
  return typeof sub === "string" && sub.length <= 256;
}

function keyOf(secret: Uint8Array): Promise<CryptoKey> {
  return crypto.subtle.importKey("raw", new Uint8Array(secret), { name: "HMAC", hash: "SHA-256" }, false, ["verify"]);
}

function isId(jti: unknown): jti is string {
  return typeof jti === "string" && jti !== "" && jti.length <= LIMITS.tokenIdLength;
}

/** Says what the token's holder can mend, and nothing about the keys: an unknown one looks like a wrong signature. */
function whyOf(error: errors.JOSEError): string {
  if (error instanceof errors.JWTExpired) return "expired";
  if (error instanceof errors.JWTClaimValidationFailed) return `claim ${error.claim}: ${error.reason}`;
  if (error instanceof errors.JWSSignatureVerificationFailed) return "signature not valid";
  if (error instanceof errors.JOSEAlgNotAllowed) return `not signed with ${ALGORITHM}`;
  if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys)
    return "its issuer has no such key";
  return NOT_SIGNED;
}

const NOT_SIGNED = "not a signed JWT";

/**
 * Whether its signature is written as its bytes are encoded. Other texts decode to them too (padding, bits of the last character that
 * are of no use), and a holder with several texts would have several fingerprints: header and claims are signed as they are written.
 */
function isCanonical(token: string): boolean {
  const signature = token.slice(token.lastIndexOf(".") + 1);
  try {
    return base64url.encode(base64url.decode(signature)) === signature;
  } catch {
    return false;
  }
}

function refused(why: string): Verified {
  return { kind: "refused", why };
}
