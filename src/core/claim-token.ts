// The token that fences ack, nack and extend (P4): where the claim is recorded, and a nonce that only its holder was told.

import { keyText, TAG_FORM } from "./task-id.ts";

export interface ClaimRef {
  /** As it was given. */
  readonly token: string;
  readonly tag: string;
  readonly slot: number;
  readonly nonce: string;
  readonly key: number;
}

/** A nonce has 8 digits more if it is marked as its owner's, see claim-owner.ts. */
const FORM = new RegExp(`^(${TAG_FORM})-([0-9a-z]{1,7})-([0-9a-f]{16}(?:[0-9a-f]{8})?)-([0-9a-z]{1,11})$`);

export function claimTokenOf(tag: string, slot: number, nonce: string, key: number): string {
  return `${tag}-${slot.toString(36)}-${nonce}-${keyText(key)}`;
}

/** What a token names, or null if it has not the form of one. Whether the claim is still held only the queue knows. */
export function parseClaimToken(token: string): ClaimRef | null {
  const match = FORM.exec(token);
  if (match === null) return null;
  const key = Number.parseInt(match[4] ?? "", 36);
  if (!Number.isSafeInteger(key)) return null;
  return { token, tag: match[1] ?? "", slot: Number.parseInt(match[2] ?? "", 36), nonce: match[3] ?? "", key };
}
