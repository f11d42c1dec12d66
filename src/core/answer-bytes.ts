// The most memory that a task takes in an answer, known before the answer is written. An answer is one string: once it holds one
// character beyond Latin-1, each of its characters takes two bytes.

import { LIMITS } from "./limits.ts";

export interface StoredSizes {
  /** Of the payload, as it is stored. */
  readonly bytes: number;
  readonly form: "json" | "text" | "blob";
  /** Of headers, error and origin. */
  readonly otherBytes: number;
  /** Of past attempts, where they are answered too. */
  readonly attemptBytes?: number;
}

/** Copied as it is, at two bytes a character; `\u0000` for one stored byte of text; four characters for three bytes. */
export const EXPANSION = { json: 2, text: 12, blob: 8 / 3 } as const;
/** The other fields of a task: an id of 128 characters and a content type may be written as escapes, like text. */
const OTHER_FIELDS = 4_096;
/** What each past attempt has in an answer and not in its row: the names of its fields. */
const ATTEMPT_FIELDS = 256;

/** @returns bytes of memory, an upper bound */
export function answerBytes({ bytes, form, otherBytes, attemptBytes = 0 }: StoredSizes): number {
  const attempts = attemptBytes === 0 ? 0 : EXPANSION.json * attemptBytes + LIMITS.pastAttempts * ATTEMPT_FIELDS;
  return OTHER_FIELDS + EXPANSION[form] * bytes + EXPANSION.text * otherBytes + attempts;
}
