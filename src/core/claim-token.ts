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

/** Digits that tokens of successive tasks do not share. */
const LAST_DIGITS = 2;
/** The token that was read last, without these digits. */
let head = "";
let headRef: Omit<ClaimRef, "token"> | null = null;

/**
 * What a token names, or null if it has not the form of one. Whether the claim is still held only the queue knows. Tokens of one
 * claim begin alike and come together, and reading one takes as long as settling its task: what was read last is kept.
 */
export function parseClaimToken(token: string): ClaimRef | null {
  if (headRef !== null && token.length === head.length + LAST_DIGITS && token.startsWith(head)) {
    const rest = 36 * digitAt(token, head.length) + digitAt(token, head.length + 1);
    const { tag, slot, nonce, key } = headRef;
    if (Number.isSafeInteger(key + rest)) return { token, tag, slot, nonce, key: key + rest };
  }
  const ref = readClaimToken(token);
  head = token.slice(0, -LAST_DIGITS);
  // A key of one digit would have the head end before the key.
  headRef =
    ref === null || token.at(-LAST_DIGITS) === "-" ? null : { ...ref, key: ref.key - (ref.key % 36 ** LAST_DIGITS) };
  return ref;
}

/** NaN: it is no digit. */
function digitAt(token: string, index: number): number {
  const code = token.charCodeAt(index);
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  return code >= 0x61 && code <= 0x7a ? code - 0x61 + 10 : Number.NaN;
}

function readClaimToken(token: string): ClaimRef | null {
  const match = FORM.exec(token);
  if (match === null) return null;
  const key = Number.parseInt(match[4] ?? "", 36);
  if (!Number.isSafeInteger(key)) return null;
  return { token, tag: match[1] ?? "", slot: Number.parseInt(match[2] ?? "", 36), nonce: match[3] ?? "", key };
}
