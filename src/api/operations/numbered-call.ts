// The number of a call, by which the queue takes it once: in the body, or an Idempotency-Key over HTTP.

import { LIMITS } from "../../core/limits.ts";
import type { NumberedCall } from "../../core/numbered-call.ts";
import type { InputOf, OperationName } from "../../core/operation.ts";
import type { WireCall } from "../../protocol/wire-call.ts";
import { Invalid } from "../invalid.ts";
import { object, optional, required } from "../schema/object.ts";
import { boolean, integer, matching } from "../schema/scalars.ts";
import { mapped, type Schema } from "../schema/schema.ts";

const number = integer({ min: 1, max: Number.MAX_SAFE_INTEGER });

const PRODUCER = /^[0-9a-f]{16}$/;

const fields = object({
  producer: required(matching(PRODUCER, "16 hexadecimal digits"), "64 random bits, new for each process that sends."),
  number: required(number, "Another for each call to this queue, rising by 1; the same when it is sent again."),
  from: optional(
    number,
    "unknown",
    "The lowest number that may be sent again: what is below is forgotten, so that the row stays small.",
  ),
  known: optional(
    boolean(),
    "false",
    "True: refused with `call-forgotten` if the queue remembers nothing of the producer. For a call that a program sends again after a restart.",
  ),
});

const checked = mapped(fields, (call: NumberedCall, path) => {
  const { from = 1 } = call;
  if (from > call.number) throw new Invalid(`${path}.from`, from, "at most the call's own number");
  return call;
});

/** As a field of an operation. */
export const numberedCall: Schema<NumberedCall, WireCall> = {
  ...checked,
  parse: (value, path) => (isUsualCall(value) ? value : checked.parse(value, path)),
  docs: fields.fields,
};

/** One producer's calls come many at a time: a name that is the last one's is not looked through again. */
let lastProducer: string | null = null;

/** Whether it is a call as the client numbers them, and nothing about it needs a closer look. */
function isUsualCall(value: unknown): value is NumberedCall {
  if (typeof value !== "object" || value === null) return false;
  for (const name in value) if (name !== "producer" && name !== "number" && name !== "from") return false;
  const { producer, number: own = 0, from = 1 } = value as Partial<WireCall>;
  if (!Number.isSafeInteger(own) || !Number.isSafeInteger(from) || from < 1 || from > own) return false;
  if (typeof producer !== "string" || (producer !== lastProducer && !PRODUCER.test(producer))) return false;
  lastProducer = producer;
  return true;
}

export const CALL_ABOUT = "Sent again with the same number, it is not made again but answered as before (P10).";

/** A string of RFC 9651, as the draft of the IETF wants a key, or the key as it is. */
const KEY = /^(?:"([ !#-[\]-~]+)"|([!#-[\]-~][ -~]*))$/;
const KEY_ALLOWED = `1 to ${LIMITS.producerLength} printable ASCII characters, in double quotes or not`;

/** What an Idempotency-Key stands for: a producer of one call. No other producer has a quote in its name. @throws {Invalid} */
export function callOfKey(header: string): NumberedCall {
  const [, quoted, bare] = KEY.exec(header.trim()) ?? [];
  const key = quoted ?? bare;
  if (key === undefined || key.length > LIMITS.producerLength)
    throw new Invalid("idempotency-key", header, KEY_ALLOWED);
  return { producer: `"${key}`, number: 1 };
}

/** An input that its parser has just made, and that nobody else holds: it is completed and not copied, since every call has one. */
type Completed = { call?: NumberedCall };

/**
 * The input, completed by the number that was said beside its body, if one was, and by the one in whose quota its producer is
 * remembered.
 *
 * @throws {Invalid} a call has one number
 */
export function numberedBy<Name extends OperationName>(
  call: NumberedCall | undefined,
  owner: string | undefined,
  input: InputOf<Name>,
): InputOf<Name> {
  if (call !== undefined) {
    const completed = input as Completed;
    if (completed.call !== undefined)
      throw new Invalid("call", completed.call, "no call of its own: its message has one");
    completed.call = call;
  }
  return inQuotaOf(owner, input);
}

/** The input, completed by the one in whose quota its producer is remembered: whoever's token or binding it came by. */
export function inQuotaOf<Name extends OperationName>(owner: string | undefined, input: InputOf<Name>): InputOf<Name> {
  if (owner === undefined || typeof input !== "object" || input === null || !("call" in input)) return input;
  // The call itself may be the caller's own object, as it is in what was sent.
  (input as Completed).call = { ...input.call, owner };
  return input;
}
