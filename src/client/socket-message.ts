// Requests on their way over a socket, and how they are written: those of one operation that follow one another are one message, which
// says once what is the same in all of them (docs/socket.md).

import type { WireCall } from "../protocol/wire-call.ts";
import type { CallOutcome } from "./transport.ts";

/** More than a message has beside its body. */
const OTHER_LENGTH = 160;

export class SocketMessage {
  readonly id: number;
  readonly op: string;
  readonly body: string;
  readonly call: WireCall | undefined;
  /** When its caller waits no longer, in ms of `performance.now()`. */
  readonly endsAt: number;
  /** Gives its outcome to its caller. null: it did not come in time. */
  answer: (outcome: CallOutcome<unknown> | null) => void;
  /** How many were sent as one message of which it is the first; 0: it is the first of none. */
  sentWith = 0;
  /** Its caller has gone: it is not sent again, and its answer is for nobody. */
  hasLeft = false;

  /** @param body an object as JSON, without its `call` */
  constructor(
    id: number,
    op: string,
    body: string,
    call: WireCall | undefined,
    endsAt: number,
    answer: SocketMessage["answer"],
  ) {
    this.id = id;
    this.op = op;
    this.body = body;
    this.call = call;
    this.endsAt = endsAt;
    this.answer = answer;
  }

  /** In characters, at most. */
  get length(): number {
    return this.body.length + OTHER_LENGTH;
  }

  leave(): void {
    this.hasLeft = true;
    this.answer = nothing;
  }

  /** Whether it may be the next in a message whose last request is `before`. */
  follows(before: SocketMessage): boolean {
    return this.id === before.id + 1 && this.op === before.op && isNextCall(before.call, this.call);
  }
}

/** @param requests each follows the one before it */
export function messageText(requests: readonly SocketMessage[]): string {
  const [first] = requests;
  if (first === undefined) throw new Error("expected at least one request, found none");
  const { id, op, call, body } = first;
  first.sentWith = requests.length;
  const numbered = call ? `"call":${JSON.stringify(call)}` : "";
  const head = `{"id":${id},"op":"${op}",`;
  if (requests.length > 1)
    return `${head}${numbered && `${numbered},`}"bodies":[${requests.map((each) => each.body).join(",")}]}`;
  return `${head}"body":${numbered ? `{${numbered}${body === "{}" ? "" : ","}${body.slice(1)}` : body}}`;
}

function isNextCall(before: WireCall | undefined, call: WireCall | undefined): boolean {
  if (!before || !call) return before === call;
  const { producer, number, from, known } = call;
  return number === before.number + 1 && producer === before.producer && from === undefined && known === undefined;
}

function nothing(): void {}
