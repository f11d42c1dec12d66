// The Durable Object of one queue. It translates and never decides: calls, alarms and timers in, operations on the queue
// out, and what they leave to do (answers, messages to other objects, the next alarm) carried out.

import { DurableObject } from "cloudflare:workers";
import type { ClaimInput, InputOf, OperationName, OutcomeOf } from "../core/operation.ts";
import { LIMITS } from "../core/limits.ts";
import { operate } from "../queue/operations.ts";
import { receive, type Message, type ReceiveOutcome } from "../queue/receive.ts";
import { senderOver } from "../queue/sender.ts";
import { DIRECTORY, QueueState } from "../queue/state.ts";
import { nextDueAt, scheduleHousekeeping, sweep } from "../queue/sweep.ts";
import { Waiters, type Waiter } from "../queue/waiters.ts";
import { AlarmClock } from "./alarm-clock.ts";
import { Courier } from "./courier.ts";
import { GroupCommit } from "./group-commit.ts";
import { ObjectSql } from "./object-sql.ts";
import { openPusher } from "./open-pusher.ts";
import type { Pusher } from "./pusher.ts";
import { directoryStub, queueStub, type ObjectBindings, type QueueStub } from "./queue-stub.ts";

/**
 * How soon the alarm looks after messages whose delivery, made at once, may be cut off by a crash. Doubles while a delivery
 * stays unanswered, since every look costs a row.
 */
const FIRST_WATCH_MS = 1_000;
const LONGEST_WATCH_MS = 300_000;

export class QueueObject extends DurableObject<ObjectBindings> implements QueueStub {
  readonly #sql: ObjectSql;
  readonly #state: QueueState;
  readonly #alarm: AlarmClock;
  readonly #commit: GroupCommit;
  readonly #courier: Courier;
  readonly #waiters = new Waiters();
  readonly #parked = new Map<string, Waiter>();
  readonly #pusher: Pusher | null;
  #timer: { readonly at: number; readonly id: ReturnType<typeof setTimeout> } | null = null;
  #lastNow = 0;
  #watchMs = FIRST_WATCH_MS;

  constructor(ctx: DurableObjectState, env: ObjectBindings) {
    super(ctx, env);
    this.#sql = new ObjectSql(ctx.storage);
    this.#state = new QueueState(this.#sql, { random: Math.random, nonce });
    this.#alarm = new AlarmClock(ctx.storage);
    this.#commit = new GroupCommit(
      () => this.#afterTurn(),
      (error) => this.#rebuild(error),
    );
    this.#courier = new Courier({
      ...senderOver(this.#state),
      deliver: (receiver, messages) => this.#deliver(receiver, messages),
      random: Math.random,
      now: () => this.#now(),
    });
    const now = this.#now();
    this.#state.wake(now);
    scheduleHousekeeping(this.#state, now);
    this.#pusher = openPusher(this.#name, env, this.#state, {
      now: () => this.#now(),
      submit: (apply) => this.#commit.submit(apply),
      background: (work) => ctx.waitUntil(work),
    });
    void ctx.blockConcurrencyWhile(() => this.#alarm.load());
  }

  operate<Name extends OperationName>(operation: Name, input: InputOf<Name>): Promise<OutcomeOf<Name>> {
    return this.#commit.submit(() => operate(this.#state, operation, input, this.#now(), this.#name));
  }

  park(input: ClaimInput, waitMs: number, ticket: string): Promise<OutcomeOf<"claim">> {
    if (this.#waiters.size >= LIMITS.parkedClaims) {
      return Promise.resolve({ kind: "overloaded", reason: `${LIMITS.parkedClaims} claims are waiting already` });
    }
    return new Promise((resolve) => {
      const answer = (outcome: OutcomeOf<"claim">): void => {
        this.#parked.delete(ticket);
        resolve(outcome);
      };
      const waiter: Waiter = { input, until: this.#now() + waitMs, answer };
      this.#parked.set(ticket, waiter);
      this.#waiters.add(waiter);
      // Those who wait are served at the end of every turn.
      void this.#commit.submit(() => {});
    });
  }

  async leave(ticket: string): Promise<void> {
    const waiter = this.#parked.get(ticket);
    if (waiter === undefined) return;
    this.#parked.delete(ticket);
    this.#waiters.remove(waiter);
    waiter.answer({ kind: "claimed", tasks: [] });
  }

  receive(sender: string, messages: readonly Message[]): Promise<ReceiveOutcome> {
    return this.#commit.submit(() =>
      this.#state.transaction(() => receive(this.#state, this.#name, sender, messages, this.#now())),
    );
  }

  /** Rows that this instance has read and written since it woke: what the platform bills. Alarms set are not in it. */
  usage(): { rowsRead: number; rowsWritten: number } {
    const { rowsRead, rowsWritten } = this.#sql;
    return { rowsRead, rowsWritten };
  }

  override async alarm(): Promise<void> {
    this.#alarm.rang();
    this.#watchMs = Math.min(this.#watchMs * 2, LONGEST_WATCH_MS);
    try {
      await this.#commit.submit(() => this.#state.transaction(() => sweep(this.#state, this.#now())));
      await this.#courier.deliver(this.#takeOutgoing(), this.#now());
    } finally {
      this.#arm(this.#now());
    }
  }

  /** Once after all operations of a turn, in their commit. */
  #afterTurn(): void {
    const now = this.#now();
    this.#waiters.serve(this.#state, now);
    this.#pusher?.turn(now);
    // Before sending, which empties `outgoing`: the alarm that watches over a message is in the message's own commit.
    this.#arm(now);
    const retryAt = this.#courier.nextAt();
    if (this.#state.outgoing.size > 0 || (retryAt !== null && retryAt <= now)) this.ctx.waitUntil(this.#send());
  }

  async #send(): Promise<void> {
    this.#watchMs = FIRST_WATCH_MS;
    await this.#courier.deliver(this.#takeOutgoing(), this.#now());
    this.#arm(this.#now());
  }

  #takeOutgoing(): string[] {
    const receivers = [...this.#state.outgoing];
    this.#state.outgoing.clear();
    return receivers;
  }

  /** Sets the alarm for what is due, and a timer for those who wait: they keep the object awake, so a timer costs nothing. */
  #arm(now: number): void {
    const isSending = this.#state.outgoing.size > 0 || this.#courier.isUnderWay;
    const sendAt = isSending ? now + this.#watchMs : null;
    const dueAts = [sendAt, this.#courier.nextAt(), nextDueAt(this.#state), this.#pusher?.nextAt ?? null];
    const dueAt = Math.min(...dueAts.map((at) => at ?? Number.POSITIVE_INFINITY));
    this.#alarm.arm(dueAt === Number.POSITIVE_INFINITY ? null : dueAt, now);
    const waiterAt = this.#waiters.nextAt(this.#state, now);
    if (this.#timer?.at === waiterAt) return;
    if (this.#timer !== null) clearTimeout(this.#timer.id);
    this.#timer = null;
    if (waiterAt === null) return;
    const id = setTimeout(
      () => {
        this.#timer = null;
        void this.#commit.submit(() => {});
      },
      Math.max(0, waiterAt - now),
    );
    this.#timer = { at: waiterAt, id };
  }

  #deliver(receiver: string, messages: readonly Message[]): Promise<ReceiveOutcome> {
    const sender = this.#name;
    if (receiver === DIRECTORY) return directoryStub(this.env).receive(sender, messages);
    return queueStub(this.env, receiver).receive(sender, messages);
  }

  /** The name by which the object is addressed is the queue's name. An alarm is not told it, but by then it is stored. */
  get #name(): string {
    const name = this.#state.row?.name ?? this.ctx.id.name;
    if (name === undefined) throw new Error("a queue object must be addressed by its queue's name");
    return name;
  }

  /** The clock never steps back while the object lives. */
  #now(): number {
    this.#lastNow = Math.max(this.#lastNow, Date.now());
    return this.#lastNow;
  }

  /** Memory that a bug may have left half changed is not kept: the next call finds a new instance. */
  #rebuild(error: unknown): void {
    console.error("edgeq: an operation failed, the object restarts:", error);
    this.ctx.abort(String(error));
  }
}

function nonce(): string {
  const words = crypto.getRandomValues(new Uint32Array(2));
  return Array.from(words, (word) => word.toString(16).padStart(8, "0")).join("");
}
