// What queues have answered, held against what must be true of a queue that was put back to an earlier moment: no claim of the time that is
// lost settles anything, no id and no message number is given out twice, and from then on every token is kept that is there.

import { parseClaimToken, type ClaimRef } from "../../src/core/claim-token.ts";
import type { ClaimedTask } from "../../src/core/task.ts";
import { isMade, tokenOf, tokensIn } from "./stored-tokens.ts";
import type { Message, World } from "./world.ts";

interface Claim {
  readonly token: number;
  readonly task: string;
  readonly claimedAt: number;
  /** How often the queue had been put back. */
  readonly epoch: number;
  until: number;
  hasEnded: boolean;
}

interface PutBack {
  readonly epoch: number;
  readonly to: number;
  isTold: boolean;
}

const NEVER: PutBack = { epoch: 0, to: 0, isTold: true };

export class PutBackLedger {
  readonly violations: string[] = [];
  readonly done = new Map<number, number>();
  /** How often each token is there, by what is stored and what has been done. */
  readonly #expected = new Map<number, number>();
  /** Of messages that their receiver has forgotten, but the answer to them may be on its way, by token. */
  readonly #maybeLost = new Map<number, number>();
  /** Copies of lost messages that may still arrive, by token. */
  readonly #onTheirWay = new Map<number, number>();
  readonly #world: World;
  readonly #queues: readonly string[];
  readonly #claims = new Map<string, Claim>();
  /** The last claim of each task. */
  readonly #held = new Map<string, Claim>();
  readonly #tokenOfId = new Map<string, number>();
  /** By sender, receiver and number. */
  readonly #messages = new Map<string, number>();
  readonly #putBack = new Map<string, PutBack>();

  constructor(world: World, queues: readonly string[]) {
    this.#world = world;
    this.#queues = queues;
    world.onTaken = (receiver, sender, messages) => this.#sent(sender, receiver, messages);
    world.onWake = (queue) => this.#awoke(queue, world.timeOf(queue));
  }

  produced(token: number): void {
    add(this.#expected, token, 1);
  }

  claimed(queue: string, tasks: readonly ClaimedTask[]): void {
    const now = this.#world.timeOf(queue);
    const { epoch } = this.#stateOf(queue);
    for (const { id, claim: text, payload, claimedUntil } of tasks) {
      const token = tokenOf(payload);
      const task = `${queue} ${id}`;
      this.#isNamed(task, token);
      const held = this.#held.get(task);
      if (held !== undefined && held.epoch === epoch && !held.hasEnded && held.until > now)
        this.#violation(`${task} is claimed twice at once (P3)`);
      const claim: Claim = { token, task, claimedAt: now, epoch, until: claimedUntil, hasEnded: false };
      this.#held.set(task, claim);
      this.#claims.set(nameOf(queue, refOf(text)), claim);
    }
  }

  /** The queue has acted on this claim: it must be the one that is held (P4, P5). Its token. */
  ended(queue: string, ref: ClaimRef): number | null {
    const claim = this.#claims.get(nameOf(queue, ref));
    const { epoch, to, isTold } = this.#stateOf(queue);
    if (claim === undefined) {
      this.#violation(`${queue} accepted a claim that nobody was given (P4)`);
      return null;
    }
    if (claim.epoch < epoch) {
      // Until it is told, the queue knows the claims that it held at the moment to which it was put back, and no others.
      if (isTold || claim.claimedAt > to) this.#violation(`${claim.task}: a claim of another life was accepted (P4)`);
    } else if (claim.hasEnded || claim.until <= this.#world.timeOf(queue) || this.#held.get(claim.task) !== claim) {
      this.#violation(`${claim.task}: a lost claim was accepted (P4)`);
    }
    claim.hasEnded = true;
    return claim.token;
  }

  acked(queue: string, ref: ClaimRef): void {
    const token = this.ended(queue, ref);
    if (token !== null) add(this.done, token, 1);
  }

  /**
   * A queue is put back to what it had committed at `to`: what is there then is what must be there in the end. Of what it has sent and
   * taken since, copies may be on their way, which come or do not.
   */
  putBack(queue: string, to: number, restore: () => void): void {
    const owed = this.messagesFrom(queue);
    const before = new Map(this.#inboxOf(queue).map((row) => [row.sender, row]));
    restore();
    this.#putBack.set(queue, { epoch: this.#stateOf(queue).epoch + 1, to, isTold: false });
    const there = this.there();
    for (const token of this.#expected.keys())
      this.#expected.set(token, (there.get(token) ?? 0) + (this.done.get(token) ?? 0));
    const owedNow = this.messagesFrom(queue);
    for (const [name, token] of owed) if (!owedNow.has(name)) add(this.#onTheirWay, token, 1);
    const lastOf = new Map(this.#inboxOf(queue).map(({ sender, lastSeq }) => [sender, lastSeq]));
    for (const [name, token] of this.#messages) {
      const [sender = "", receiver, number] = name.split(" ");
      const seq = Number(number);
      if (receiver !== queue || seq <= (lastOf.get(sender) ?? 0)) continue;
      const was = before.get(sender);
      const isTakenBack = was?.withdrawn.includes(seq) === true;
      const isOwed = this.messagesFrom(sender).has(name);
      if (isTakenBack || !isOwed) add(this.#onTheirWay, token, 1);
      else if (was !== undefined && seq <= was.lastSeq) add(this.#maybeLost, token, 1);
    }
  }

  told(queue: string): void {
    this.#stateOf(queue).isTold = true;
  }

  /** How often each token is stored: as a task, or as a message that its receiver has not taken. */
  there(): Map<number, number> {
    const found = new Map<number, number>();
    for (const queue of this.#queues) {
      for (const token of tokensIn(this.#world, queue)) add(found, token, 1);
      for (const token of this.messagesFrom(queue).values()) add(found, token, 1);
    }
    return found;
  }

  /** The messages that a queue still owes others, and their tokens. */
  messagesFrom(queue: string): Map<string, number> {
    const messages = new Map<string, number>();
    const storage = this.#world.storageOf(queue);
    if (!isMade(this.#world, queue)) return messages;
    const rows = storage.rows(
      `SELECT receiver, seq, parked, payload FROM outbox WHERE receiver <> '@directory'`,
    ) as never as {
      readonly receiver: string;
      readonly seq: number;
      readonly parked: number;
      readonly payload: string;
    }[];
    for (const { receiver, seq, parked, payload } of rows) {
      // What is set aside will be sent under another number.
      if (parked === 0 && this.#isTaken(queue, receiver, seq)) continue;
      messages.set(`${queue} ${receiver} ${seq}`, tokenOf(payload));
    }
    return messages;
  }

  /** What is wrong when all work is done. */
  atEnd(): string[] {
    return [...this.#expected].flatMap(([token, expected]) => {
      const done = this.done.get(token) ?? 0;
      const least = expected - (this.#maybeLost.get(token) ?? 0);
      const most = expected + (this.#onTheirWay.get(token) ?? 0);
      if (done >= least && done <= most) return [];
      return [`token ${token} was done ${done} times, expected ${least} to ${most} (P2, P5, P9)`];
    });
  }

  #isTaken(sender: string, receiver: string, seq: number): boolean {
    const row = this.#inboxOf(receiver).find((other) => other.sender === sender);
    return row !== undefined && seq <= row.lastSeq && !row.withdrawn.includes(seq);
  }

  #inboxOf(
    queue: string,
  ): { readonly sender: string; readonly lastSeq: number; readonly withdrawn: readonly number[] }[] {
    if (!isMade(this.#world, queue)) return [];
    const rows = this.#world.storageOf(queue).rows(`SELECT sender, last_seq, withdrawn, withdrawn_before FROM inbox`);
    return rows.map(({ sender, last_seq, withdrawn, withdrawn_before }) => ({
      sender: String(sender),
      lastSeq: Number(last_seq),
      withdrawn: [Number(withdrawn), ...(JSON.parse(String(withdrawn_before)) as number[])],
    }));
  }

  #sent(sender: string, receiver: string, messages: readonly Message[]): void {
    for (const { seq, payload } of messages) {
      if (typeof payload !== "string" || receiver === "@directory") continue;
      const token = tokenOf(payload);
      const name = `${sender} ${receiver} ${seq}`;
      const known = this.#messages.get(name) ?? token;
      // One that has not been told has its numbers from the clock alone, which they run ahead of by a quarter of a second with each wake.
      if (known !== token && this.#stateOf(sender).isTold)
        this.#violation(`message ${name} is token ${token}, and was token ${known} (P9)`);
      if (known !== token) add(this.#maybeLost, token, 1);
      this.#messages.set(name, token);
    }
  }

  /** An id names one task for ever. */
  #isNamed(task: string, token: number): void {
    const known = this.#tokenOfId.get(task) ?? token;
    if (known !== token) this.#violation(`${task} is token ${token}, and was token ${known}`);
    this.#tokenOfId.set(task, token);
  }

  /** A queue wakes, and may go by an earlier time than `before`. */
  #awoke(queue: string, before: number): void {
    for (const [task, claim] of this.#held) {
      if (task.startsWith(`${queue} `) && claim.until <= before) this.#held.delete(task);
    }
  }

  #stateOf(queue: string): PutBack {
    return this.#putBack.get(queue) ?? NEVER;
  }

  #violation(text: string): void {
    this.violations.push(text);
  }
}

function add(counts: Map<number, number>, token: number, count: number): void {
  counts.set(token, (counts.get(token) ?? 0) + count);
}

function nameOf(queue: string, { tag, slot, nonce, key }: ClaimRef): string {
  return `${queue} ${tag} ${slot} ${nonce} ${key}`;
}

export function refOf(token: string): ClaimRef {
  const ref = parseClaimToken(token);
  if (ref === null) throw new Error(`not a claim token: ${token}`);
  return ref;
}
