// Makes a numbered call once (P10): one that was made already is answered as it was then. The number is remembered in the
// commit of the call; one that was refused changed nothing, and its number may be used again.

import type { NumberedCall } from "../../core/numbered-call.ts";
import type { Refusal } from "../../core/operation.ts";
import type { CallAnswer } from "../producers/call-window.ts";
import { isFormerFingerprint } from "../producers/former-fingerprint.ts";
import { unknown } from "../producers/producers.ts";
import type { QueueState } from "../state.ts";

/**
 * What became of the call when it came before: its answer, or why it cannot be made now. null: it is to be made.
 *
 * @param asked what the call asks for, whose fingerprint distinguishes it from other calls of its producer
 */
export function madeBefore(
  state: QueueState,
  call: NumberedCall,
  asked: unknown,
  fingerprint: number,
  now: number,
): { readonly kind: "made"; readonly answer: CallAnswer } | Refusal | null {
  const { number } = call;
  const found = state.existing() === null ? unknown(call) : state.producers.find(call, now);
  if (found.kind === "new") return null;
  if (found.kind === "forgotten") return { kind: "call-forgotten", number, from: found.from };
  const { call: taken } = found;
  const isSame = taken.fingerprint === fingerprint || isFormerFingerprint(taken.fingerprint, asked);
  return isSame ? { kind: "made", answer: taken.answer } : { kind: "call-reused", number };
}

/** Remembers a call that was made in this turn. */
export function remember(
  state: QueueState,
  call: NumberedCall,
  fingerprint: number,
  answer: CallAnswer,
  now: number,
): void {
  const dedupeMs = state.existing()?.settings.dedupeMs ?? 0;
  if (dedupeMs === 0) return;
  state.housekeeping.dueAt(state.producers.take(call, fingerprint, answer, dedupeMs, now));
}
