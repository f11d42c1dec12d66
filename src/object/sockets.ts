// The sockets of one object: frames in, operations on the queue in the same group commit as everybody's, answers and pushed
// tasks out. Nothing here keeps the object awake: no timer, no promise that waits. See docs/socket.md.

import type { Credit } from "../core/credit.ts";
import { LIMITS } from "../core/limits.ts";
import type { InputOf, OperationName, OutcomeOf } from "../core/operation.ts";
import { endExpired } from "../queue/claims/end-attempt.ts";
import { releaseHeld } from "../queue/claims/release-held.ts";
import type { QueueState } from "../queue/state.ts";
import type { Waiters } from "../queue/ready/waiters.ts";
import { problem } from "../protocol/problem.ts";
import { parsed } from "../api/invalid.ts";
import { parseJson } from "../api/json.ts";
import { messagesOf } from "../api/parse-message.ts";
import { invalidProblem } from "../api/refusal-problem.ts";
import { utf8Bytes } from "../core/utf8-bytes.ts";
import { Connection, type Attachment, type ConnectionHost } from "./connection.ts";
import type { GroupCommit } from "../queue/turn.ts";
import { SocketRequests, type RequestHost } from "./socket-requests.ts";
import type { Traffic } from "./unread.ts";

/** Why a socket is closed from this side: docs/socket.md has them all. */
const CLOSE = {
  binary: { code: 1003, reason: "binary frame" },
  malformed: { code: 1007, reason: "malformed frame" },
  tooLarge: { code: 1009, reason: "frame too large" },
  expired: { code: 4401, reason: "token expired" },
  unread: { code: 4408, reason: "sync messages unanswered" },
} as const;
type Close = (typeof CLOSE)[keyof typeof CLOSE];

/** What the sockets need from their object. */
export interface SocketHost {
  readonly state: QueueState;
  readonly waiters: Waiters;
  readonly commit: GroupCommit;
  operate<Name extends OperationName>(operation: Name, input: InputOf<Name>): OutcomeOf<Name>;
  now(): number;
  queueName(): string;
}

export class Sockets implements ConnectionHost, RequestHost {
  readonly traffic: Traffic = { unread: 0 };
  readonly #host: SocketHost;
  readonly #requests: SocketRequests;
  readonly #connections = new Map<WebSocket, Connection>();
  readonly #byId = new Map<string, Connection>();
  readonly #talking = new Set<Connection>();
  /** Those whose token has ended. */
  readonly #ending = new Set<Connection>();

  constructor(host: SocketHost) {
    this.#host = host;
    this.#requests = new SocketRequests(this);
  }

  get size(): number {
    return this.#connections.size;
  }

  get queueName(): string {
    return this.#host.queueName();
  }

  get commit(): GroupCommit {
    return this.#host.commit;
  }

  operate<Name extends OperationName>(operation: Name, input: InputOf<Name>): OutcomeOf<Name> {
    return this.#host.operate(operation, input);
  }

  grant(connection: Connection, credit: Credit): void {
    this.#host.waiters.remove(connection.waiter);
    connection.grant(credit);
    this.offer(connection);
  }

  heldBy(id: string): number {
    return this.#host.state.claims.holders.heldBy(id).size;
  }

  now(): number {
    return this.#host.now();
  }

  roomOf(connection: Connection): number {
    if (!connection.isOver) return connection.room;
    this.#ending.add(connection);
    return 0;
  }

  talks(connection: Connection): void {
    this.#talking.add(connection);
  }

  /** A socket that was accepted, now or before the object slept. */
  add(socket: WebSocket, attachment = socket.deserializeAttachment() as Attachment): Connection {
    const connection = new Connection(socket, attachment, this);
    this.#connections.set(socket, connection);
    this.#byId.set(connection.id, connection);
    this.offer(connection);
    return connection;
  }

  received(socket: WebSocket, frame: string | ArrayBuffer): void {
    const connection = this.#connections.get(socket);
    if (connection?.isOpen !== true) return;
    if (connection.isOver) return this.#expire(connection);
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
    for (const message of messages.value) this.#requests.receive(connection, message, length);
  }

  /** A socket has closed, from either side or by breaking. */
  closed(socket: WebSocket): void {
    // One whose closing has woken the object is not among those that the platform listed then.
    const connection = this.#connections.get(socket) ?? this.add(socket);
    this.#connections.delete(socket);
    this.#byId.delete(connection.id);
    this.#talking.delete(connection);
    this.#ending.delete(connection);
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
      if (connection !== undefined) this.offer(connection);
    }
  }

  /**
   * After a turn has succeeded: sends what it left to say. Answers before pushes: then what their askers ask next comes
   * together with what consumers do with the pushes, and shares a turn.
   */
  flush(): void {
    for (const connection of this.#talking) {
      if (connection.unread.isOver) this.#close(connection, CLOSE.unread);
      else connection.flush();
    }
    this.#talking.clear();
    for (const connection of this.#ending) this.#expire(connection);
  }

  /** Puts a consumer that can take tasks in line for them. */
  offer(connection: Connection): void {
    if (this.roomOf(connection) > 0) this.#host.waiters.add(connection.waiter);
  }

  #endExpired(): void {
    const { state } = this.#host;
    const now = this.#host.now();
    const queue = state.existing();
    const deadline = state.claims.nextDeadline();
    if (queue === null || deadline === null || deadline > now) return;
    state.transaction(() => endExpired(state, queue, now, LIMITS.sweepBatch));
  }

  #release(holder: string): void {
    const { state } = this.#host;
    this.#host.commit.add(() => {
      const holdsMore = state.transaction(() => releaseHeld(state, holder, this.#host.now(), LIMITS.sweepBatch));
      if (holdsMore) this.#release(holder);
    });
  }

  /** The client cannot be understood: it is told why, and closed. */
  #fail(connection: Connection, close: Close, field: string, given: unknown, allowed: string): void {
    connection.refuse(null, invalidProblem({ field, given, allowed }));
    connection.flush();
    this.#close(connection, close);
  }

  #expire(connection: Connection): void {
    connection.refuse(null, problem("unauthorized", "The token that the socket was opened with has expired"));
    connection.flush();
    this.#close(connection, CLOSE.expired);
  }

  #close(connection: Connection, { code, reason }: Close): void {
    connection.socket.close(code, reason);
    this.closed(connection.socket);
  }
}
