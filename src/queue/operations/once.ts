// Makes a numbered call once (P10): one that was made already is answered as it was then. The number is remembered in the
// commit of the call; one that was refused changed nothing, and its number may be used again.

import type { NumberedCall } from "../../core/numbered-call.ts";
import type { Refusal } from "../../core/operation.ts";
import type { CallAnswer } from "../producers/call-window.ts";
import { fingerprintOf } from "../producers/fingerprint.ts";
import { formerFingerprintOf } from "../producers/former-fingerprint.ts";
import { unknown } from "../producers/producers.ts";
import type { QueueState } from "../state.ts";
import { LATER } from "../turn.ts";

interface Making<Outcome> {
  /** What the call asks for, told apart from other calls of its producer. */
  readonly asked: unknown;
  readonly make: () => Outcome | typeof LATER;
  /** What is to be remembered of an outcome; null: it was refused. */
  readonly answerOf: (outcome: Outcome) => CallAnswer | null;
  readonly repeat: (answer: CallAnswer) => Outcome;
}

/** @param call absent: it is made as often as it comes */
export function once<Outcome>(
  state: QueueState,
  call: NumberedCall | undefined,
  now: number,
  { asked, make, answerOf, repeat }: Making<Outcome>,
): Outcome | Refusal | typeof LATER {
  if (call === undefined) return make();
  const { number } = call;
  const found = state.existing() === null ? unknown(call) : state.producers.find(call, now);
  if (found.kind === "forgotten") return { kind: "call-forgotten", number, from: found.from };
  if (found.kind === "taken") {
    const { call: taken } = found;
    const fingerprint = fingerprintOf(asked);
    const isSame = taken.fingerprint === fingerprint || taken.fingerprint === formerFingerprintOf(asked);
    return isSame ? repeat(taken.answer) : { kind: "call-reused", number };
  }
  const outcome = make();
  if (outcome === LATER) return outcome;
  const answer = answerOf(outcome);
  const dedupeMs = state.existing()?.settings.dedupeMs ?? 0;
  if (answer === null || dedupeMs === 0) return outcome;
  state.housekeeping.dueAt(state.producers.take(call, asked, answer, dedupeMs, now));
  return outcome;
}
