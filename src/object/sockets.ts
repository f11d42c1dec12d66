// The sockets of one object: frames in, operations on the queue in the same group commit as everybody's, answers and pushed
// tasks out. Nothing here keeps the object awake: no timer, no promise that waits. See docs/socket.md.

import { LIMITS } from "../core/limits.ts";
import type { InputOf, OperationName, OutcomeOf } from "../core/operation.ts";
import type { Action } from "../protocol/action.ts";
import { problem } from "../protocol/problem.ts";
import { endExpired } from "../queue/end-attempt.ts";
import { releaseHeld } from "../queue/release-held.ts";
import type { QueueState } from "../queue/state.ts";
import type { Waiters } from "../queue/waiters.ts";
import { parsed } from "../wire/invalid.ts";
import { parseJson } from "../wire/json.ts";
import { idOf, messagesOf, parseMessage, readPosition, type RequestId } from "../wire/parse-message.ts";
import { parseCredit } from "../wire/parse-operation.ts";
import { invalidProblem, isRefusal, refusalProblem } from "../wire/refusal-problem.ts";
import { isOperation, OPERATIONS, type WireOperation } from "../wire/operation-table.ts";
import { utf8Bytes } from "../wire/utf8-bytes.ts";
import { Connection, type Attachment, type ConnectionHost } from "./connection.ts";
import type { GroupCommit } from "./group-commit.ts";
import type { Traffic } from "./unread.ts";

/** Why a socket is closed from this side: docs/socket.md has them all. */
const CLOSE = { binary: 1003, malformed: 1007, tooLarge: 1009, unread: 4408 } as const;

/** What the sockets need from their object. */
export interface SocketHost {
  readonly state: QueueState;
  readonly waiters: Waiters;
  readonly commit: GroupCommit;
  operate<Name extends OperationName>(operation: Name, input: InputOf<Name>): OutcomeOf<Name>;
  now(): number;
  queueName(): string;
}

export class Sockets implements ConnectionHost {
  readonly traffic: Traffic = { unread: 0 };
  readonly #host: SocketHost;
  readonly #connections = new Map<WebSocket, Connection>();
  readonly #byId = new Map<string, Connection>();
  readonly #talking = new Set<Connection>();

  constructor(host: SocketHost) {
    this.#host = host;
  }

  get size(): number {
    return this.#connections.size;
  }

  get queueName(): string {
    return this.#host.queueName();
  }

  heldBy(id: string): number {
    return this.#host.state.claims.holders.heldBy(id).size;
  }

  talks(connection: Connection): void {
    this.#talking.add(connection);
  }

  /** A socket that was accepted, now or before the object slept. */
  add(socket: WebSocket, attachment = socket.deserializeAttachment() as Attachment): Connection {
    const connection = new Connection(socket, attachment, this);
    this.#connections.set(socket, connection);
    this.#byId.set(connection.id, connection);
    this.#offer(connection);
    return connection;
  }

  received(socket: WebSocket, frame: string | ArrayBuffer): void {
    const connection = this.#connections.get(socket);
    if (connection?.isOpen !== true) return;
    if (typeof frame !== "string") {
      return this.#fail(connection, CLOSE.binary, "frame", "bytes", "text; bytes travel as base64");
    }
    const bytes = utf8Bytes(frame, LIMITS.frameBytes);
    if (bytes > LIMITS.frameBytes) {
      return this.#fail(connection, CLOSE.tooLarge, "frame", `${bytes} bytes`, `at most ${LIMITS.frameBytes} bytes`);
    }
    const messages = parsed(() => messagesOf(parseJson(frame, "frame")));
    if (messages.kind === "invalid") {
      return this.#fail(connection, CLOSE.malformed, messages.field, messages.given, messages.allowed);
    }
    const length = frame.length / messages.value.length;
    for (const message of messages.value) this.#receive(connection, message, length);
  }

  /** A socket has closed, from either side or by breaking. */
  closed(socket: WebSocket): void {
    // One whose closing has woken the object is not among those that the platform listed then.
    const connection = this.#connections.get(socket) ?? this.add(socket);
    this.#connections.delete(socket);
    this.#byId.delete(connection.id);
    this.#talking.delete(connection);
    this.#host.waiters.remove(connection.waiter);
    connection.unread.end();
    if (connection.releases) this.#release(connection.id);
  }

  /** In each turn, before those who wait are served: who has room again, and who let a claim run out. */
  beforeServing(): void {
    const { state } = this.#host;
    if (this.size === 0) {
      state.claims.holders.takeRelieved();
      state.lapsed.clear();
      return;
    }
    this.#endExpired();
    for (const holder of state.lapsed) {
      const connection = this.#byId.get(holder);
      if (connection === undefined) continue;
      this.#host.waiters.remove(connection.waiter);
      connection.lapse();
    }
    state.lapsed.clear();
    for (const holder of state.claims.holders.takeRelieved()) {
      const connection = this.#byId.get(holder);
      if (connection !== undefined) this.#offer(connection);
    }
  }

  /** After a turn has succeeded: sends what it left to say. */
  flush(): void {
    for (const connection of this.#talking) {
      if (connection.unread.isOver) this.#close(connection, CLOSE.unread, "answer sync frames to be sent more");
      else connection.flush();
    }
    this.#talking.clear();
  }

  #receive(connection: Connection, message: unknown, length: number): void {
    const id = idOf(message);
    try {
      const result = parsed(() => {
        const position = readPosition(message);
        if (position === null) this.#request(connection, message, length);
        else this.#hasRead(connection, position);
      });
      if (result.kind === "invalid") this.#host.commit.add(() => connection.refuse(id, invalidProblem(result)));
    } catch (error) {
      console.error("edgeq: a socket's message failed:", error);
      const failed = problem("internal", "The request failed and changed nothing");
      this.#host.commit.add(() => connection.refuse(id, failed));
    }
  }

  /** Throws Invalid. */
  #request(connection: Connection, message: unknown, length: number): void {
    const { id, op, body } = parseMessage(message);
    const { waiting } = connection;
    if (waiting.requests >= LIMITS.socketRequests || waiting.length + length > LIMITS.socketRequestBytes) {
      const detail = `At most ${LIMITS.socketRequests} requests and ${LIMITS.socketRequestBytes} bytes at one time`;
      return this.#host.commit.add(() => connection.refuse(id, problem("rate-limited", detail)));
    }
    if (op === "credit") return this.#credit(connection, id, body);
    if (!isOperation(op)) {
      const allowed = ["credit", ...Object.keys(OPERATIONS)].join(", ");
      const unknown = invalidProblem({ field: "message.op", given: op, allowed });
      return this.#host.commit.add(() => connection.refuse(id, unknown));
    }
    return this.#operate(connection, id, op, body, length);
  }

  // The name ties the input to the answer in the body.
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters
  #operate<Name extends OperationName>(
    connection: Connection,
    id: RequestId,
    name: Name,
    body: unknown,
    length: number,
  ): void {
    const operation: WireOperation<Name> = OPERATIONS[name];
    if (!connection.may(operation.action)) return this.#forbid(connection, id, operation.action, this.queueName);
    const input = operation.parse(body);
    const lacking = operation
      .demands?.(input, this.queueName)
      .find(({ action, queue }) => !connection.may(action, queue));
    if (lacking !== undefined) return this.#forbid(connection, id, lacking.action, lacking.queue);
    const { waiting } = connection;
    waiting.requests += 1;
    waiting.length += length;
    this.#host.commit.add(() => {
      waiting.requests -= 1;
      waiting.length -= length;
      if (operation.isLarge && connection.unread.isAnswerHeld) {
        return connection.refuse(id, problem("overloaded", "Too much is unread: answer sync frames, then try again"));
      }
      const outcome = this.#host.operate(name, asHolder(name, input, connection.id));
      if (isRefusal(outcome)) return connection.refuse(id, refusalProblem(outcome));
      return connection.answer(id, operation.render(outcome, body));
    });
  }

  /** Throws Invalid. */
  #credit(connection: Connection, id: RequestId, body: unknown): void {
    if (!connection.may("claim")) return this.#forbid(connection, id, "claim", this.queueName);
    const credit = parseCredit(body);
    this.#host.commit.add(() => {
      this.#host.waiters.remove(connection.waiter);
      connection.grant(credit);
      connection.answer(id, JSON.stringify({ n: credit.n }));
      this.#offer(connection);
    });
  }

  #forbid(connection: Connection, id: RequestId, action: Action, queue: string): void {
    const detail = `The socket's token does not allow ${action} on queue ${queue}`;
    const forbidden = problem("forbidden", detail, { action, queue });
    this.#host.commit.add(() => connection.refuse(id, forbidden));
  }

  #hasRead(connection: Connection, position: number): void {
    connection.unread.read(position);
    if (connection.room > 0) this.#host.commit.add(() => this.#offer(connection));
  }

  /** Puts a consumer that can take tasks in line for them. */
  #offer(connection: Connection): void {
    if (connection.room > 0) this.#host.waiters.add(connection.waiter);
  }

  #endExpired(): void {
    const { state } = this.#host;
    const now = this.#host.now();
    const queue = state.existing();
    const deadline = state.claims.nextDeadline();
    if (queue !== null && deadline !== null && deadline <= now) endExpired(state, queue, now, LIMITS.sweepBatch);
  }

  #release(holder: string): void {
    this.#host.commit.add(() => {
      if (releaseHeld(this.#host.state, holder, this.#host.now(), LIMITS.sweepBatch)) this.#release(holder);
    });
  }

  /** The client cannot be understood: it is told why, and closed. */
  #fail(connection: Connection, code: number, field: string, given: unknown, allowed: string): void {
    connection.refuse(null, invalidProblem({ field, given, allowed }));
    connection.flush();
    this.#close(connection, code, `${field}: ${allowed}`);
  }

  #close(connection: Connection, code: number, reason: string): void {
    connection.close(code, reason);
    for (const [socket, other] of this.#connections) if (other === connection) this.closed(socket);
  }
}

/** What a socket claims is held by it. */
function asHolder<Name extends OperationName>(name: Name, input: InputOf<Name>, holder: string): InputOf<Name> {
  if (name !== "claim") return input;
  return { ...input, holder, maxBytes: LIMITS.frameTaskBytes };
}
