// The Durable Object of one queue. It translates and never decides: calls, alarms and sockets in, operations on the queue
// out, and what the queue leaves to do (messages to other objects, the next alarm) carried out.

import { DurableObject } from "cloudflare:workers";
import type { Operation } from "../api/operation.ts";
import { isOperation, OPERATIONS } from "../api/operation-table.ts";
import { OTHER_VERSION, SOON_REPLACED } from "../api/failure-problem.ts";
import { isRefusal } from "../api/refusal-problem.ts";
import { NO_CREDIT } from "../core/credit.ts";
import { LIMITS } from "../core/limits.ts";
import type { InputOf, OperationName, OutcomeOf, Refusal } from "../core/operation.ts";
import type { QueueReport } from "../core/queue-report.ts";
import { DIRECTORY, Queue, type Message, type ReceiveOutcome } from "../queue/queue.ts";
import { AlarmClock } from "./alarm-clock.ts";
import { writeMinute } from "./analytics.ts";
import { warnOfMissingFlags } from "./compatibility.ts";
import type { Attachment } from "./connection.ts";
import { nonce } from "./nonce.ts";
import { ObjectSql } from "./object-sql.ts";
import { OPENINGS } from "./openings.ts";
import { openPusher } from "./open-pusher.ts";
import { openServerSocket } from "./open-server-socket.ts";
import { putBack } from "./put-back.ts";
import {
  directoryStub,
  learnRevocations,
  queueStub,
  type Neighbours,
  type MeasuredAnswer,
  type NotPutBack,
  type QueueStub,
} from "./queue-stub.ts";
import { Sockets } from "./sockets.ts";

/** The code of a socket that was not closed but broke (RFC 6455, 7.1.5). */
const BROKEN = 1006;

export class QueueObject extends DurableObject<Neighbours> implements QueueStub {
  readonly #sql: ObjectSql;
  readonly #queue: Queue;
  readonly #alarm: AlarmClock;
  readonly #sockets: Sockets;
  /** Asking the platform costs as much as reading a message. */
  #knownName = "";
  /** How many have been received since the platform was last left to do something else; a long one counts as several. */
  #frames = 0;
  /** Rows up to the last answer that was measured. */
  #measuredTo = { rowsRead: 0, rowsWritten: 0 };

  constructor(ctx: DurableObjectState, env: Neighbours) {
    super(ctx, env);
    warnOfMissingFlags(Cloudflare.compatibilityFlags, (text) => console.warn(text));
    this.#sql = new ObjectSql(ctx.storage);
    this.#alarm = new AlarmClock(ctx.storage);
    this.#queue = new Queue(this.#sql, {
      now: () => Date.now(),
      random: Math.random,
      nonce,
      name: () => this.#name,
      // A timer, not a microtask: what has arrived meanwhile comes before it.
      soon: (turn) => setTimeout(turn, 0),
      later: (ms, turn) => {
        const id = setTimeout(turn, ms);
        return () => clearTimeout(id);
      },
      alarmAt: (at, now) => this.#alarm.arm(at, now),
      deliver: (receiver, messages) => this.#deliver(receiver, messages),
      tell: (report) => this.#tell(report),
      closed: (minute) => {
        const dataset = this.env.EDGEQ_ANALYTICS;
        if (dataset !== undefined) writeMinute(dataset, this.#name, minute, logError);
      },
      background: (work) => ctx.waitUntil(work),
      report: logError,
      abort: (error) => ctx.abort(String(error)),
    });
    this.#queue.watch({ committed: () => {}, rolledBack: () => this.#alarm.rolledBack() });
    this.#sockets = new Sockets(this.#queue, {
      now: () => Date.now(),
      queueName: () => this.#name,
      random: Math.random,
      written: () => this.#sql.rowsWritten,
      later: (ms, run) => void setTimeout(run, ms),
    });
    for (const socket of ctx.getWebSockets()) this.#sockets.add(socket);
    openPusher(this.#name, env, this.#queue, (work) => this.#queue.background(work));
    void ctx.blockConcurrencyWhile(() => this.#alarm.load());
  }

  async answer<Name extends OperationName>(
    operation: Name,
    input: InputOf<Name>,
    mustExist = false,
    isMeasured = false,
  ): Promise<string | Refusal | MeasuredAnswer> {
    const declared: Operation<Name> | undefined = OPERATIONS[operation];
    if (declared === undefined) return unknownOperation(operation);
    const { render } = declared;
    this.#queue.meter.request(operation);
    const outcome = await this.#queue.operate(operation, input, mustExist);
    const answer = isRefusal(outcome) ? outcome : render(outcome, input);
    return isMeasured ? this.#measured(answer) : answer;
  }

  operate<Name extends OperationName>(operation: Name, input: InputOf<Name>): Promise<OutcomeOf<Name>> {
    if (!isOperation(operation)) return Promise.resolve(unknownOperation(operation));
    this.#queue.meter.request(operation);
    return this.#queue.operate(operation, input);
  }

  leave(ticket: string): Promise<void> {
    this.#queue.meter.request("claim");
    return this.#queue.leave(ticket);
  }

  async rewind(to: number): Promise<NotPutBack> {
    // There is no moment to put a queue back to that was never made; a deleted one, which has its outbox still, was there once.
    const made = await this.#queue.operate("listOutbox", { limit: 1, after: null });
    if (isRefusal(made)) return made;
    return putBack(this.ctx.storage, to, (reason) => this.ctx.abort(reason));
  }

  receive(sender: string, messages: readonly Message[]): Promise<ReceiveOutcome> {
    this.#queue.meter.request("receive");
    return this.#queue.receive(sender, messages);
  }

  override async fetch(request: Request): Promise<Response> {
    this.#queue.meter.request("socket");
    return openServerSocket<Attachment>(this.ctx, request, {
      refusal: (grant) => this.#sockets.refusal(grant),
      attachment: (grant) => ({ id: nonce(), grant, credit: NO_CREDIT }),
      add: (socket, attachment) => this.#sockets.add(socket, attachment),
    });
  }

  override webSocketMessage(socket: WebSocket, frame: string | ArrayBuffer): void {
    this.#queue.meter.message();
    this.#sockets.received(socket, frame);
    const length = typeof frame === "string" ? frame.length : frame.byteLength;
    this.#frames += 1 + Math.floor(length / LIMITS.frameLength);
    if (this.#frames < LIMITS.framesAtOnce) return;
    this.#frames = 0;
    // Frames that have arrived already are handed over one after the other, and nobody else is heard meanwhile: not the server's other
    // connections, nor the timers by which turns begin. While this waits, the next of them does too.
    void this.ctx.blockConcurrencyWhile(() => scheduler.wait(0));
  }

  override webSocketClose(socket: WebSocket, code: number): void {
    this.#sockets.closed(socket);
    // The platform does not answer a closing client by itself here; unanswered, it would wait until it gives up. Of one that broke nobody
    // waits, and to close thousands of those takes four times as long as to hear of them.
    if (code !== BROKEN) socket.close(1000);
  }

  override webSocketError(socket: WebSocket): void {
    this.#sockets.closed(socket);
  }

  /**
   * Rows that this instance has read and written since it woke: what the platform bills. Alarms set are not in it. Those of the
   * history, which are paid by the minute and not by what was asked, are also counted apart.
   */
  usage(): { rowsRead: number; rowsWritten: number; historyRows: number } {
    const { rowsRead, rowsWritten } = this.#sql;
    return { rowsRead, rowsWritten, historyRows: this.#queue.historyRows };
  }

  override async alarm(): Promise<void> {
    this.#alarm.rang();
    this.#queue.meter.request("alarm");
    await this.#queue.alarm();
  }

  #measured(answer: string | Refusal): MeasuredAnswer {
    const { rowsRead, rowsWritten } = this.#sql;
    const { rowsRead: readBefore, rowsWritten: writtenBefore } = this.#measuredTo;
    this.#measuredTo = { rowsRead, rowsWritten };
    return { kind: "measured", answer, rowsRead: rowsRead - readBefore, rowsWritten: rowsWritten - writtenBefore };
  }

  #deliver(receiver: string, messages: readonly Message[]): Promise<ReceiveOutcome> {
    const sender = this.#name;
    if (receiver === DIRECTORY) return directoryStub(this.env).receive(sender, messages);
    const send = (): Promise<ReceiveOutcome> => queueStub(this.env, receiver).receive(sender, messages);
    return OPENINGS.isOpen(receiver) ? send() : OPENINGS.openedAtLast(receiver).then(send);
  }

  /** A queue that has something to report is in use, so what its sockets may still do is asked for at the same time. */
  async #tell(report: QueueReport): Promise<boolean> {
    if (!this.#sockets.isEmpty) {
      await learnRevocations(this.env, Date.now());
      this.#sockets.closeEnded();
    }
    return directoryStub(this.env).report(this.#name, report);
  }

  /** The name by which the object is addressed is the queue's name; an alarm knows it too. */
  get #name(): string {
    if (this.#knownName !== "") return this.#knownName;
    const { name } = this.ctx.id;
    if (name === undefined) throw new Error("a queue object must be addressed by its queue's name");
    this.#knownName = name;
    return name;
  }
}

function logError(what: string, error: unknown): void {
  console.error(`edgeq: ${what}:`, error);
}

/** During a deploy a Worker may ask an object of the version before for what only its own version knows. */
function unknownOperation(name: string): Refusal {
  return { kind: "overloaded", reason: `${OTHER_VERSION}: it does not know ${name} yet. ${SOON_REPLACED}` };
}
