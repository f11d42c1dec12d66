// Makes tokens of the form that token-verifier.ts takes: JWTs, HS256, with a grant, an id by which they can be revoked, and an end.

import { SignJWT } from "jose";
import { rightsIn, type Grant } from "../api/grant.ts";
import type { SigningKeys } from "./signing-keys.ts";

export type SigningKey = readonly [keyId: string, secret: Uint8Array];

/** The key with that id, or the last one, which is the newest by custom; undefined: there is no such key. */
export function chosenKey(keys: SigningKeys, keyId: string | undefined): SigningKey | undefined {
  return keyId === undefined ? [...keys].at(-1) : [...keys].find(([id]) => id === keyId);
}

/**
 * @param lifetimeS how long it is good, from now. s
 * @param by who made it; absent: whoever has the key
 */
export async function signToken(
  grant: Grant,
  lifetimeS: number,
  [kid, secret]: SigningKey,
  by?: string,
): Promise<{ token: string; id: string; expiresAt: number }> {
  const issuedAtS = Math.floor(Date.now() / 1_000);
  const id = crypto.randomUUID();
  const jwt = new SignJWT({ ...rightsIn(grant), by })
    .setProtectedHeader({ alg: "HS256", kid })
    .setJti(id)
    .setIssuedAt(issuedAtS)
    .setExpirationTime(issuedAtS + lifetimeS);
  const token = await (grant.subject === undefined ? jwt : jwt.setSubject(grant.subject)).sign(secret);
  return { token, id, expiresAt: (issuedAtS + lifetimeS) * 1_000 };
}
