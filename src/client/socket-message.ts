// A request on its way over a socket, and how much of its call it says (docs/socket.md). Knows nothing of what else is in its frame
// but the call before its own.

import type { WireCall } from "../protocol/wire-call.ts";
import type { CallOutcome } from "./transport.ts";

/** More than a message has beside its body and its call. */
const OTHER_LENGTH = 120;

export class SocketMessage {
  readonly call: WireCall | undefined;
  /** When its caller waits no longer, in ms of `performance.now()`. */
  readonly endsAt: number;
  /** Gives its outcome to its caller. null: it did not come in time. */
  answer: (outcome: CallOutcome<unknown> | null) => void;
  readonly #id: number;
  readonly #op: string;
  readonly #body: string;
  /** In characters, as it was sent; before that at most so many. */
  length: number;
  /** It was sent with a call that follows from the one before it, and may be sent again without. */
  isShort = false;

  /** @param body an object as JSON, without its `call` */
  constructor(
    id: number,
    op: string,
    body: string,
    call: WireCall | undefined,
    endsAt: number,
    answer: SocketMessage["answer"],
  ) {
    this.#id = id;
    this.#op = op;
    this.#body = body;
    this.call = call;
    this.endsAt = endsAt;
    this.answer = answer;
    this.length = body.length + OTHER_LENGTH;
  }

  /** Its caller has gone: it is not sent again, and its answer is for nobody. */
  leave(): void {
    this.isShort = false;
    this.answer = nothing;
  }

  /** @param before the call before it in its frame; undefined: there is none, or nothing may be left out */
  write(before: WireCall | undefined): string {
    const text = `{"id":${this.#id},"op":"${this.#op}","body":${this.#bodyAfter(before)}}`;
    this.length = text.length;
    return text;
  }

  #bodyAfter(before: WireCall | undefined): string {
    const { call } = this;
    if (call === undefined) return this.#body;
    this.isShort = before !== undefined && follows(before, call);
    const text = this.isShort ? shortOf(call) : JSON.stringify(call);
    return this.#body === "{}" ? `{"call":${text}}` : `{"call":${text},${this.#body.slice(1)}`;
  }
}

/** Whether a call need not say whose it is, nor which. */
function follows(before: WireCall, { producer, number, known }: WireCall): boolean {
  return number === before.number + 1 && producer === before.producer && known === undefined;
}

function shortOf({ from }: WireCall): string {
  return from === undefined ? "{}" : `{"from":${from}}`;
}

function nothing(): void {}
