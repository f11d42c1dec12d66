// Makes tokens of the form that the server verifies: JWTs, HS256, with the grant and an end. docs/auth.md says more.

import { SignJWT } from "jose";
import type { SigningKeys } from "../http/signing-keys.ts";
import type { Grant } from "../api/grant.ts";

export type SigningKey = readonly [keyId: string, secret: Uint8Array];

/** The key with that id, or the last one, which is the newest by custom; undefined: there is no such key. */
export function chosenKey(keys: SigningKeys, keyId: string | undefined): SigningKey | undefined {
  return keyId === undefined ? [...keys].at(-1) : [...keys].find(([id]) => id === keyId);
}

/** @param lifetimeS how long it is good, from now. s */
export async function signToken(
  { queues, can }: Grant,
  lifetimeS: number,
  [kid, secret]: SigningKey,
): Promise<{ token: string; expiresAt: number }> {
  const issuedAtS = Math.floor(Date.now() / 1_000);
  const token = await new SignJWT({ queues, can })
    .setProtectedHeader({ alg: "HS256", kid })
    .setIssuedAt(issuedAtS)
    .setExpirationTime(issuedAtS + lifetimeS)
    .sign(secret);
  return { token, expiresAt: (issuedAtS + lifetimeS) * 1_000 };
}
