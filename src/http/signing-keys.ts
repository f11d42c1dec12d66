// The keys that tokens are signed with, as the owner configures them: the secret EDGEQ_KEYS.

import { isObject, jsonOf } from "../core/json-value.ts";
import { LIMITS } from "../core/limits.ts";

/** HS256 takes a key of at least the size of its hash. RFC 7518, 3.2. */
const SECRET_BYTES = 32;
const KEY_ID = /^[A-Za-z0-9._-]{1,64}$/;

/** Key id -> secret, in the order of the configuration. */
export type SigningKeys = ReadonlyMap<string, Uint8Array>;

export type SigningKeysResult =
  | { readonly kind: "keys"; readonly keys: SigningKeys }
  | { readonly kind: "malformed"; readonly why: string };

/**
 * Reads JSON `{"<key id>": "<secret>", ...}`: 1 to 16 keys, each secret's UTF-8 at least 32 bytes. Never throws, and never
 * says a secret.
 */
export function parseSigningKeys(text: string): SigningKeysResult {
  const value = jsonOf(text);
  if (value === undefined) return malformed("not JSON");
  if (!isObject(value)) return malformed("not a JSON object");
  const entries = Object.entries(value);
  if (entries.length === 0 || entries.length > LIMITS.signingKeys)
    return malformed(`${entries.length} keys, allowed: 1 to ${LIMITS.signingKeys}`);
  const keys = new Map<string, Uint8Array>();
  for (const [id, secret] of entries) {
    if (!KEY_ID.test(id)) return malformed(`a key id is not of the form ${KEY_ID.source}`);
    if (typeof secret !== "string") return malformed(`the secret of key ${id} is not a string`);
    const bytes = new TextEncoder().encode(secret);
    if (bytes.byteLength < SECRET_BYTES)
      return malformed(`the secret of key ${id} has ${bytes.byteLength} bytes, allowed: at least ${SECRET_BYTES}`);
    keys.set(id, bytes);
  }
  return { kind: "keys", keys };
}

function malformed(why: string): SigningKeysResult {
  return { kind: "malformed", why };
}
