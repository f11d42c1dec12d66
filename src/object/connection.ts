// One consumer's or producer's socket: who is behind it, its credit, and the messages that wait to leave with the turn.
// What must outlive hibernation is in the socket's attachment; what it holds is in the rows of its claims.

import type { Credit } from "../core/credit.ts";
import { LIMITS } from "../core/limits.ts";
import type { OutcomeOf } from "../core/operation.ts";
import type { Problem } from "../protocol/problem.ts";
import type { Waiter } from "../queue/ready/waiters.ts";
import type { Action } from "../protocol/action.ts";
import { allows, type Grant } from "../api/grant.ts";
import type { RequestId } from "../api/parse-message.ts";
import { renderTasks } from "../api/render.ts";
import { Unread, type Traffic } from "./unread.ts";

/** At most 16,384 bytes as the platform writes it. The largest parts are 50 patterns of 81 characters and 32 lanes of 40. */
export interface Attachment {
  /** Names the socket in the rows of its claims. */
  readonly id: string;
  /** What the token allows that it was opened with. */
  readonly grant: Grant;
  readonly credit: Credit;
}

/** What a connection asks of the sockets it is one of. */
export interface ConnectionHost {
  readonly traffic: Traffic;
  readonly queueName: string;
  /** How many tasks a socket holds. */
  heldBy(id: string): number;
  now(): number;
  /** How many tasks it takes in this turn; one whose token has ended takes none, and is closed at the end of it. */
  roomOf(connection: Connection): number;
  /** It has something to say at the end of the turn. */
  talks(connection: Connection): void;
}

/** Messages that wait for their frame, with what joins them, are cut into frames of about this many characters. */
const FRAME_LENGTH = 1_048_576;

export class Connection {
  readonly id: string;
  readonly socket: WebSocket;
  readonly #grant: Grant;
  readonly #mayHere = new Map<Action, boolean>();
  readonly unread: Unread;
  /** Requests that wait for their turn, and the length of their frames. */
  waiting = { requests: 0, length: 0 };
  waiter: Waiter;
  readonly #host: ConnectionHost;
  #credit: Credit;
  #out: string[] = [];

  constructor(socket: WebSocket, attachment: Attachment, host: ConnectionHost) {
    this.socket = socket;
    this.id = attachment.id;
    this.#grant = attachment.grant;
    this.#credit = attachment.credit;
    this.unread = new Unread(host.traffic);
    this.#host = host;
    this.waiter = this.#newWaiter();
  }

  get isOpen(): boolean {
    return this.socket.readyState === WebSocket.OPEN;
  }

  get releases(): boolean {
    return this.#credit.release;
  }

  /** @param queue another queue; absent: the socket's own, whose answers are kept */
  may(action: Action, queue?: string): boolean {
    if (queue !== undefined) return allows(this.#grant, action, queue);
    let may = this.#mayHere.get(action);
    if (may === undefined) this.#mayHere.set(action, (may = allows(this.#grant, action, this.#host.queueName)));
    return may;
  }

  /** Its token has come to its end. */
  get isOver(): boolean {
    return this.#grant.endsAt !== undefined && this.#grant.endsAt <= this.#host.now();
  }

  /** How many tasks may be pushed just now. */
  get room(): number {
    if (this.#credit.n === 0 || !this.isOpen || this.unread.isPushingHeld) return 0;
    return this.#credit.n - this.#host.heldBy(this.id);
  }

  /** The old waiter must have left its line. */
  grant(credit: Credit): void {
    this.#credit = credit;
    this.waiter = this.#newWaiter();
    this.socket.serializeAttachment({ id: this.id, grant: this.#grant, credit } satisfies Attachment);
  }

  /** A task it held ran out: it is asked nothing more until it grants credit anew, and is told so. */
  lapse(): void {
    if (this.#credit.n === 0) return;
    this.grant({ ...this.#credit, n: 0 });
    this.#queue(`{"op":"lapsed"}`);
  }

  answer(id: RequestId, body: string): void {
    this.#queue(`{"id":${JSON.stringify(id)},"ok":${body}}`);
  }

  refuse(id: RequestId | null, problem: Problem): void {
    this.#queue(JSON.stringify({ id, problem }));
  }

  /** Sends what waits, in as few frames as it fits. A client that does not read is not sent more, but closed. */
  flush(): void {
    const messages = this.#out;
    this.#out = [];
    if (!this.isOpen) return;
    let frame: string[] = [];
    let length = 0;
    for (const message of messages) {
      if (frame.length >= LIMITS.frameMessages || (frame.length > 0 && length + message.length > FRAME_LENGTH)) {
        this.socket.send(asFrame(frame));
        frame = [];
        length = 0;
      }
      frame.push(message);
      length += message.length;
    }
    if (frame.length > 0) this.socket.send(asFrame(frame));
  }

  #newWaiter(): Waiter {
    const input = {
      ...this.#credit.input,
      max: LIMITS.pushTasks,
      maxBytes: LIMITS.frameTaskBytes,
      holder: this.id,
    };
    return {
      input,
      until: Number.POSITIVE_INFINITY,
      room: () => this.#host.roomOf(this),
      answer: (outcome) => this.#push(outcome),
    };
  }

  #push(outcome: OutcomeOf<"claim">): boolean {
    if (outcome.kind === "claimed") this.#queue(`{"op":"tasks",${renderTasks(outcome.tasks).slice(1)}`);
    return this.room > 0;
  }

  #queue(message: string): void {
    this.#host.talks(this);
    this.#out.push(message);
    const position = this.unread.sent(message.length);
    if (position !== null) this.#out.push(`{"op":"sync","sync":${position}}`);
  }
}

function asFrame(messages: readonly string[]): string {
  return messages.length === 1 ? (messages[0] ?? "") : `[${messages.join(",")}]`;
}
