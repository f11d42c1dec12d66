// Claims that only their owner may settle: whom a claim was given to is in its nonce, so that it costs neither a row nor memory.
// The nonce as a whole is as hard to guess as any; the mark only distinguishes one owner's claims from another's.

import type { ClaimRef } from "./claim-token.ts";

/** Hexadecimal digits of a nonce without a mark. */
const PLAIN_LENGTH = 16;

/** A claim's nonce, marked as its owner's. @param nonce 16 hexadecimal digits */
export function markedNonce(nonce: string, owner: string): string {
  return nonce + markOf(nonce, owner);
}

/** Whether the claim was given to this owner, marked. */
export function isMarkedFor(owner: string, { nonce }: ClaimRef): boolean {
  return nonce === markedNonce(nonce.slice(0, PLAIN_LENGTH), owner);
}

/** Eight hexadecimal digits. FNV-1a, http://www.isthe.com/chongo/tech/comp/fnv/ */
function markOf(nonce: string, owner: string): string {
  let hash = 0x811c9dc5;
  for (const character of `${nonce} ${owner}`) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, "0");
}
