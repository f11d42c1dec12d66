// The Durable Object of one queue. It translates and never decides: calls, alarms and timers in, operations on the queue
// out, and what they leave to do (answers, messages to other objects, the next alarm) carried out.

import { DurableObject } from "cloudflare:workers";
import { NO_CREDIT } from "../core/credit.ts";
import type { ClaimInput, InputOf, OperationName, OutcomeOf, Refusal } from "../core/operation.ts";
import { LIMITS } from "../core/limits.ts";
import { operate } from "../queue/operations/table.ts";
import { receive, type Message, type ReceiveOutcome } from "../queue/mail/receive.ts";
import { senderOver } from "../queue/mail/sender.ts";
import { DIRECTORY, QueueState } from "../queue/state.ts";
import { nextDueAt, scheduleHousekeeping, sweep } from "../queue/sweep.ts";
import { Waiters, type Waiter } from "../queue/ready/waiters.ts";
import type { Grant } from "../api/grant.ts";
import { OPERATIONS, type WireOperation } from "../api/operation-table.ts";
import { isRefusal } from "../api/refusal-problem.ts";
import { AlarmClock } from "./alarm-clock.ts";
import type { Attachment } from "./connection.ts";
import { Courier } from "../queue/mail/courier.ts";
import { GroupCommit } from "../queue/turn.ts";
import { ObjectSql } from "./object-sql.ts";
import { openPusher } from "./open-pusher.ts";
import type { Pusher } from "./pusher.ts";
import { directoryStub, queueStub, SOCKET_GRANT_HEADER, type ObjectBindings, type QueueStub } from "./queue-stub.ts";
import { Sockets } from "./sockets.ts";

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
  readonly #sockets: Sockets;
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
    this.#commit = new GroupCommit({
      transaction: (body) => this.#state.turn(body),
      afterEach: () => this.#afterTurn(),
      onBug: (error) => this.#rebuild(error),
      soon: (turn) => setTimeout(turn, 0),
    });
    this.#courier = new Courier({
      ...senderOver(this.#state),
      deliver: (receiver, messages) => this.#deliver(receiver, messages),
      random: Math.random,
      now: () => this.#now(),
    });
    this.#sockets = new Sockets({
      state: this.#state,
      waiters: this.#waiters,
      commit: this.#commit,
      operate: (operation, input) => this.#apply(operation, input),
      now: () => this.#now(),
      queueName: () => this.#name,
    });
    const now = this.#now();
    this.#state.wake(now);
    scheduleHousekeeping(this.#state, now);
    for (const socket of ctx.getWebSockets()) this.#sockets.add(socket);
    this.#pusher = openPusher(this.#name, env, this.#state, {
      now: () => this.#now(),
      submit: (apply) => this.#commit.submit(apply),
      background: (work) => ctx.waitUntil(work),
    });
    void ctx.blockConcurrencyWhile(() => this.#alarm.load());
  }

  answer<Name extends OperationName>(operation: Name, input: InputOf<Name>): Promise<string | Refusal> {
    const { render }: WireOperation<Name> = OPERATIONS[operation];
    return this.#commit.submit(() => {
      const outcome = this.#apply(operation, input);
      return isRefusal(outcome) ? outcome : render(outcome, input);
    });
  }

  operate<Name extends OperationName>(operation: Name, input: InputOf<Name>): Promise<OutcomeOf<Name>> {
    return this.#commit.submit(() => this.#apply(operation, input));
  }

  park(input: ClaimInput, waitMs: number, ticket: string): Promise<OutcomeOf<"claim">> {
    if (this.#parked.size >= LIMITS.parkedClaims) {
      return Promise.resolve({ kind: "overloaded", reason: `${LIMITS.parkedClaims} claims are waiting already` });
    }
    return new Promise((resolve, reject) => {
      const answer = (outcome: OutcomeOf<"claim">): boolean => {
        this.#parked.delete(ticket);
        this.#commit.whenApplied(() => resolve(outcome));
        return false;
      };
      const waiter: Waiter = { input, until: this.#now() + waitMs, room: () => input.max, answer };
      this.#parked.set(ticket, waiter);
      this.#waiters.add(waiter);
      // Those who wait are served at the end of every turn.
      this.#commit.add(() => {}, reject);
    });
  }

  async leave(ticket: string): Promise<void> {
    const waiter = this.#parked.get(ticket);
    if (waiter === undefined) return;
    this.#waiters.remove(waiter);
    await this.#commit.submit(() => waiter.answer({ kind: "claimed", tasks: [] }));
  }

  receive(sender: string, messages: readonly Message[]): Promise<ReceiveOutcome> {
    return this.#commit.submit(() =>
      this.#state.transaction(() => receive(this.#state, this.#name, sender, messages, this.#now())),
    );
  }

  override async fetch(request: Request): Promise<Response> {
    if (this.#sockets.size >= LIMITS.sockets) return new Response(null, { status: 503 });
    const { 0: client, 1: server } = new WebSocketPair();
    const grant = JSON.parse(request.headers.get(SOCKET_GRANT_HEADER) ?? "null") as Grant;
    const attachment: Attachment = { id: nonce(), grant, credit: NO_CREDIT };
    // Answered by the platform, asleep or awake.
    this.ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair("ping", "pong"));
    this.ctx.acceptWebSocket(server);
    server.serializeAttachment(attachment);
    this.#sockets.add(server, attachment);
    return new Response(null, { status: 101, webSocket: client });
  }

  override webSocketMessage(socket: WebSocket, frame: string | ArrayBuffer): void {
    this.#sockets.received(socket, frame);
  }

  override webSocketClose(socket: WebSocket): void {
    this.#sockets.closed(socket);
    // The platform does not answer a closing client by itself here; unanswered, it would wait until it gives up.
    socket.close(1000);
  }

  override webSocketError(socket: WebSocket): void {
    this.#sockets.closed(socket);
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

  /** In a turn. */
  #apply<Name extends OperationName>(operation: Name, input: InputOf<Name>): OutcomeOf<Name> {
    return operate(this.#state, operation, input, this.#now(), this.#name);
  }

  /** Once after all operations of a turn, in their commit. */
  #afterTurn(): void {
    const now = this.#now();
    this.#sockets.beforeServing();
    this.#waiters.serve(this.#state, now);
    this.#pusher?.turn(now);
    this.#commit.whenApplied(() => this.#sockets.flush());
    // Before sending, which empties `outgoing`: the alarm that watches over a message is in the message's own commit.
    this.#arm(now);
    const retryAt = this.#courier.nextAt();
    const isDue = this.#state.outgoing.size > 0 || (retryAt !== null && retryAt <= now);
    if (isDue) this.#commit.whenApplied(() => this.ctx.waitUntil(this.#send()));
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

  /**
   * Sets the alarm for what is due and for what consumers on sockets wait for, since they let the object sleep; and a timer
   * for parked requests, which keep it awake, so that a timer costs nothing.
   */
  #arm(now: number): void {
    const isSending = this.#state.outgoing.size > 0 || this.#courier.isUnderWay;
    const watchAt = isSending ? now + this.#watchMs : null;
    const standingAt = this.#waiters.nextStandingAt(this.#state, now);
    this.#alarm.arm(
      earliest(watchAt, this.#courier.nextAt(), nextDueAt(this.#state), this.#pusher?.nextAt ?? null, standingAt),
      now,
    );
    const waiterAt = this.#waiters.nextParkedAt(this.#state, now);
    if (this.#timer?.at === waiterAt) return;
    if (this.#timer !== null) clearTimeout(this.#timer.id);
    this.#timer = null;
    if (waiterAt === null) return;
    const id = setTimeout(
      () => {
        this.#timer = null;
        this.#commit.add(() => {});
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

/** null: none of them ever comes. */
function earliest(...instants: readonly (number | null)[]): number | null {
  const coming = instants.filter((at) => at !== null);
  return coming.length === 0 ? null : Math.min(...coming);
}

function nonce(): string {
  const words = crypto.getRandomValues(new Uint32Array(2));
  return Array.from(words, (word) => word.toString(16).padStart(8, "0")).join("");
}
