// The token that fences ack, nack and extend (P4): where the claim is recorded, and a nonce that only its holder knows.

import { isTag, keyText } from "./task-id.ts";

export interface ClaimRef {
  /** As it was given. */
  readonly token: string;
  readonly tag: string;
  readonly slot: number;
  readonly nonce: string;
  readonly key: number;
}

const NONCE_LENGTH = 16;
/** Of one that is marked as its owner's, see claim-owner.ts. */
const MARKED_NONCE_LENGTH = 24;
const SLOT_LENGTH = 7;
const KEY_LENGTH = 11;

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

/** Read by hand: a claim of one task has a token that begins like no other, and a pattern takes three times as long. */
function readClaimToken(token: string): ClaimRef | null {
  const slotAt = token.indexOf("-") + 1;
  const nonceAt = token.indexOf("-", slotAt) + 1;
  const keyAt = token.indexOf("-", nonceAt) + 1;
  if (slotAt === 0 || nonceAt === 0 || keyAt === 0) return null;
  const tag = token.slice(0, slotAt - 1);
  const nonce = token.slice(nonceAt, keyAt - 1);
  const slot = numberIn(token, slotAt, nonceAt - 1, SLOT_LENGTH);
  const key = numberIn(token, keyAt, token.length, KEY_LENGTH);
  if (!isTag(tag) || !isNonce(nonce) || !Number.isSafeInteger(slot) || !Number.isSafeInteger(key)) return null;
  return { token, tag, slot, nonce, key };
}

/** What the digits in base 36 between two places come to; NaN: there is none, one too many, or something else. */
function numberIn(token: string, from: number, to: number, most: number): number {
  if (to === from || to - from > most) return Number.NaN;
  let number = 0;
  for (let index = from; index < to; index += 1) number = 36 * number + digitAt(token, index);
  return number;
}

function isNonce(text: string): boolean {
  if (text.length !== NONCE_LENGTH && text.length !== MARKED_NONCE_LENGTH) return false;
  for (let index = 0; index < text.length; index += 1) if (!(digitAt(text, index) < 16)) return false;
  return true;
}
