// One consumer's or producer's socket: whose it is, its credit, and the messages that wait to leave with the turn.
// What must outlive hibernation is in the socket's attachment; what it holds is in the rows of its claims.

import type { Credit } from "../core/credit.ts";
import { LIMITS } from "../core/limits.ts";
import type { ClaimInput } from "../core/operation.ts";
import type { ClaimedTask } from "../core/task.ts";
import type { Problem } from "../protocol/problem.ts";
import type { Consumer, Queue } from "../queue/queue.ts";
import type { Action } from "../protocol/action.ts";
import { allows, type Grant } from "../api/grant.ts";
import { claimBy } from "../api/lacking.ts";
import type { Quota } from "../api/quota.ts";
import type { RequestId } from "../api/parse-message.ts";
import { renderTasks } from "../api/render.ts";
import { REVOCATIONS } from "../api/revocations.ts";
import { FactFeed, type Tailed } from "./fact-feed.ts";
import { Unread, type Sent } from "./unread.ts";

/** At most 16,384 bytes as the platform writes it. The largest parts are 50 patterns of 81 characters and three times 32 lanes of 40. */
export interface Attachment {
  /** Names the socket in the rows of its claims. */
  readonly id: string;
  /** What the token allows that it was opened with. */
  readonly grant: Grant;
  readonly credit: Credit;
  /** It watches the queue's state. Absent: it does not. */
  readonly watches?: true;
  /** The facts that it watches. Absent: none. */
  readonly tails?: Tailed;
}

/** What the connections of one object share. */
export interface Shared {
  readonly queue: Queue;
  /** Those with nothing unread that are sent nothing, since all sockets together have too much. */
  readonly heldBack: Set<Connection>;
  /** Those that have something to say at the end of the turn, or whose token has ended. */
  readonly talking: Set<Connection>;
  queueName(): string;
  now(): number;
  /** In [0, 1). */
  random(): number;
}

/** Messages that wait for their frame, with what joins them, are cut into frames of about this many characters. */
const FRAME_LENGTH = 1_048_576;

export class Connection implements Consumer {
  readonly id: string;
  readonly socket: WebSocket;
  /** Shared with all sockets of its token. */
  readonly quota: Quota;
  readonly #grant: Grant;
  readonly #mayHere = new Map<Action, boolean>();
  readonly unread: Unread;
  /** Requests that wait for their turn, and the length of their frames. */
  waiting = { requests: 0, length: 0 };
  /** Those of them that this turn answers. */
  #answered = { requests: 0, length: 0 };
  readonly #shared: Shared;
  #credit: Credit;
  #watches: boolean;
  readonly facts: FactFeed;
  #out: string[] = [];
  /** As it was before this turn, if the turn has changed it. */
  #before: { readonly credit: Credit; readonly sent: Sent } | null = null;

  constructor(socket: WebSocket, attachment: Attachment, quota: Quota, shared: Shared) {
    this.quota = quota;
    this.socket = socket;
    this.id = attachment.id;
    this.#grant = attachment.grant;
    this.#credit = attachment.credit;
    this.#watches = attachment.watches === true;
    const unread = new Unread(shared.queue.held, () => shared.random());
    this.unread = unread;
    this.facts = new FactFeed(attachment.tails ?? null, {
      get isHeld() {
        return unread.isPushingHeld;
      },
      say: (message) => this.#queue(message),
      keep: () => this.#keep(),
    });
    this.#shared = shared;
  }

  /** Its name in the rows of its claims. */
  get holder(): string {
    return this.id;
  }

  get input(): ClaimInput {
    return claimBy(this.#grant, { ...this.#credit.input, max: LIMITS.pushTasks, maxBytes: LIMITS.frameTaskBytes });
  }

  get isOpen(): boolean {
    return this.socket.readyState === WebSocket.OPEN;
  }

  get releases(): boolean {
    return this.#credit.release;
  }

  /** What the token allows that the socket was opened with. */
  get rights(): Grant {
    return this.#grant;
  }

  /** Whether it may do this on its own queue. */
  may(action: Action): boolean {
    let may = this.#mayHere.get(action);
    if (may === undefined) this.#mayHere.set(action, (may = allows(this.#grant, action, this.#shared.queueName())));
    return may;
  }

  /** Its token has come to its end, or was revoked. */
  get isOver(): boolean {
    const { endsAt } = this.#grant;
    return endsAt !== undefined && (endsAt <= this.#shared.now() || REVOCATIONS.covers(this.#grant));
  }

  /** How many tasks may be pushed just now. One whose token has ended takes none, and is closed at the end of the turn. */
  room(): number {
    if (this.isOver) this.#shared.talking.add(this);
    if (this.isOver || this.#credit.n === 0 || !this.isOpen) return 0;
    if (this.unread.isPushingHeld) {
      // Its answer is what lets it go on.
      this.#ask();
      if (this.unread.isClear) this.#shared.heldBack.add(this);
      return 0;
    }
    return this.#credit.n - this.#shared.queue.heldBy(this.id);
  }

  /** In a turn. It stands in line anew, for what it wants now. */
  grant(credit: Credit): void {
    this.#begin();
    this.#setCredit(credit);
    this.#shared.queue.join(this);
  }

  #setCredit(credit: Credit): void {
    this.#credit = credit;
    this.#keep();
  }

  /** What outlives the object's sleep. */
  #keep(): void {
    const attachment: Attachment = {
      id: this.id,
      grant: this.#grant,
      credit: this.#credit,
      ...(this.#watches ? { watches: true } : {}),
      ...(this.facts.tailed === null ? {} : { tails: this.facts.tailed }),
    };
    this.socket.serializeAttachment(attachment);
  }

  get watches(): boolean {
    return this.#watches;
  }

  /** From now on it is sent the queue's state, also after a turn that fails: it asks again then, and nothing else changes. */
  watch(): void {
    this.#watches = true;
    this.#keep();
  }

  /** Sends a notification. A socket with too much unread, or whose token has ended, receives none. */
  tell(message: string): void {
    if (this.isOver) this.#shared.talking.add(this);
    else if (this.isOpen && !this.unread.isAnswerHeld(true)) this.#queue(message);
  }

  /**
   * After the commit of the turn that recorded them.
   *
   * @param facts JSON of each
   * @param beyond how many more there were, which are not sent
   */
  tellFacts(facts: readonly string[], beyond: number): void {
    if (this.isOver) this.#shared.talking.add(this);
    else if (this.isOpen) this.facts.tell(facts, beyond);
  }

  /** A task it held ran out: it is pushed nothing more until it grants credit anew, and hears of it. */
  lapsed(): void {
    if (this.#credit.n === 0) return;
    this.grant({ ...this.#credit, n: 0 });
    this.#queue(`{"op":"lapsed"}`);
  }

  /** A request waits for its turn. */
  waits(length: number): void {
    this.waiting.requests += 1;
    this.waiting.length += length;
  }

  /** In a turn: one that waited has its answer, which follows. */
  ended(length: number): void {
    this.#answered.requests += 1;
    this.#answered.length += length;
  }

  answer(id: RequestId, body: string): void {
    this.#queue(`{"id":${typeof id === "number" ? id : JSON.stringify(id)},"ok":${body}}`);
  }

  refuse(id: RequestId | null, problem: Problem): void {
    this.#queue(JSON.stringify({ id, problem }));
  }

  /** Sends what waits, in as few frames as it fits. A client that does not read is not sent more, but closed. */
  flush(): void {
    this.#before = null;
    this.waiting.requests -= this.#answered.requests;
    this.waiting.length -= this.#answered.length;
    this.#forgetAnswered();
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

  /** Pushes tasks. */
  take(tasks: readonly ClaimedTask[]): void {
    this.#queue(`{"op":"tasks",${renderTasks(tasks).slice(1)}`);
  }

  /** The turn failed: what it left to say was never so. */
  rolledBack(): void {
    const before = this.#before;
    this.#before = null;
    this.#out = [];
    this.#forgetAnswered();
    if (before === null) return;
    this.unread.backTo(before.sent);
    if (before.credit === this.#credit) return;
    this.#setCredit(before.credit);
    this.#shared.queue.join(this);
  }

  #forgetAnswered(): void {
    this.#answered.requests = 0;
    this.#answered.length = 0;
  }

  #begin(): void {
    this.#shared.talking.add(this);
    this.#before ??= { credit: this.#credit, sent: this.unread.sentSoFar };
  }

  #queue(message: string): void {
    this.#begin();
    this.#out.push(message);
    this.unread.sent(message.length);
    this.#ask();
  }

  /** Asks whether anybody is there: a peer may have vanished without a word. In a turn. */
  probe(): void {
    this.#ask(true);
  }

  #ask(isProbe = false): void {
    this.#before ??= { credit: this.#credit, sent: this.unread.sentSoFar };
    const number = this.unread.ask(() => this.#shared.now(), isProbe);
    if (number === null) return;
    this.#begin();
    this.#out.push(`{"op":"sync","sync":${number}}`);
  }
}

function asFrame(messages: readonly string[]): string {
  return messages.length === 1 ? (messages[0] ?? "") : `[${messages.join(",")}]`;
}
