// The sockets of one object: frames in, jobs in the same turns as everybody's, answers and pushed tasks out. Nothing here keeps
// the object awake: no timer but for those who watch a change, no promise that waits. See docs/socket.md.

import { invalidProblem, refusalProblem } from "../api/refusal-problem.ts";
import { parsed } from "../api/invalid.ts";
import { parseJson } from "../api/json.ts";
import { messagesOf } from "../api/parse-message.ts";
import { LIMITS } from "../core/limits.ts";
import { utf8Bytes } from "../core/utf8-bytes.ts";
import { problem, type Problem } from "../protocol/problem.ts";
import type { Queue, TurnWatcher } from "../queue/queue.ts";
import { Connection, type Attachment, type Shared } from "./connection.ts";
import type { Grant } from "../api/grant.ts";
import { Quotas } from "../api/quota.ts";
import { FactWatchers } from "./fact-watchers.ts";
import { CLOSE, type Close } from "./open-server-socket.ts";
import { SocketOwners } from "./socket-owners.ts";
import { SocketRequests } from "./socket-requests.ts";
import { isTight } from "./unread.ts";
import { Watchers, type WatchHost } from "./watchers.ts";

/**
 * What the platform puts for bytes that are no UTF-8, without a word (RFC 6455, 8.1 has them end the connection): a payload would
 * come out of the queue different from how it went in.
 */
const REPLACEMENT = "\uFFFD";

/** How often all sockets are looked at while they have too much unread. ms. */
const LOOK_EVERY_MS = 1_000;

/** How many are asked at one time whether they are there, the oldest first. */
const PROBES = 1_000;

/**
 * After so long without a turn a queue has rested. Longer than a commit and its client's next request take together, so that one
 * producer who goes from answer to answer is never taken for a rest; then its requests and the acks would come apart, and its rate
 * fall by a fifth. ms.
 */
const REST_MS = 10;

export class Sockets implements TurnWatcher {
  readonly #shared: Shared;
  readonly #queue: Queue;
  readonly #requests: SocketRequests;
  readonly #connections = new Map<WebSocket, Connection>();
  readonly #owners = new SocketOwners();
  readonly #quotas: Quotas;
  readonly #watchers: Watchers;
  readonly #factWatchers: FactWatchers;
  #lookedAt = 0;
  #probedAt = 0;
  #committedAt = Number.NEGATIVE_INFINITY;
  #probed = new WeakSet<Connection>();

  constructor(queue: Queue, host: Pick<Shared, "now" | "queueName" | "random"> & WatchHost) {
    this.#queue = queue;
    this.#shared = { ...host, queue, heldBack: new Set(), talking: new Set() };
    this.#quotas = new Quotas(() => host.now());
    this.#watchers = new Watchers(queue, host);
    this.#factWatchers = new FactWatchers(queue);
    this.#requests = new SocketRequests(this.#shared, this.#watchers, this.#factWatchers);
    queue.watch(this);
  }

  /** Why no other may be opened with this grant; null: it may. Those of peers that have vanished make room for it. */
  refusal(grant: Grant): Problem | null {
    if (this.#fullFor(grant) === null) return null;
    const { owner, sockets: most = LIMITS.socketsOfToken } = grant;
    this.#lookForVanished(this.#owners.socketsOf(owner) < most ? undefined : owner);
    return this.#fullFor(grant);
  }

  /**
   * A peer that vanished without closing its socket (a proxy, a power cut) looks like one that is idle, so each is probed: sockets
   * that leave the probe unanswered are closed when the next one looks for a place.
   *
   * @param owner whose; undefined: anybody's
   */
  #lookForVanished(owner: string | undefined): void {
    const now = this.#shared.now();
    if (now - this.#probedAt < LOOK_EVERY_MS) return;
    this.#probedAt = now;
    const asked: Connection[] = [];
    for (const connection of this.#connections.values()) {
      if (owner !== undefined && connection.rights.owner !== owner) continue;
      if (connection.unread.isSilent(now)) this.#close(connection, CLOSE.unread);
      else if (asked.length < PROBES && !this.#probed.has(connection)) asked.push(connection);
    }
    // All have been asked: the next time begins with the oldest again.
    if (asked.length < PROBES) this.#probed = new WeakSet();
    else for (const connection of asked) this.#probed.add(connection);
    this.#queue.add("sync", () => {
      for (const connection of asked) if (connection.isOpen) connection.probe();
    });
  }

  #fullFor({ owner, sockets: most = LIMITS.socketsOfToken }: Grant): Problem | null {
    const { size } = this.#connections;
    const { sockets: limit } = this.#queue.entry.limits;
    if (limit !== null && size >= limit)
      return refusalProblem({ kind: "rate-limited", what: "sockets at one time", limit });
    if (size >= LIMITS.sockets) return problem("overloaded", `The queue has ${LIMITS.sockets} sockets`);
    if (this.#owners.socketsOf(owner) < most) return null;
    const detail = `The token's limit is ${most} sockets to one queue at one time`;
    return problem("rate-limited", detail, { limit: most });
  }

  /** A socket that was accepted, now or before the object slept. */
  add(socket: WebSocket, attachment = socket.deserializeAttachment() as Attachment): Connection {
    const { grant } = attachment;
    this.#owners.opened(grant);
    const connection = new Connection(socket, attachment, this.#quotas.of(grant), this.#shared);
    this.#connections.set(socket, connection);
    this.#queue.join(connection);
    if (connection.watches) this.#watchers.add(connection);
    if (connection.facts.tailed !== null) this.#factWatchers.add(connection);
    return connection;
  }

  get isEmpty(): boolean {
    return this.#connections.size === 0;
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
    if (frame.includes(REPLACEMENT)) {
      const allowed = "UTF-8; the character U+FFFD itself is written \\ufffd";
      return this.#fail(connection, CLOSE.malformed, "frame", "text with U+FFFD", allowed);
    }
    const read = parsed(() => messagesOf(parseJson(frame, "frame")));
    if (read.kind === "invalid") return this.#fail(connection, CLOSE.malformed, read.field, read.given, read.allowed);
    const { messages, requests } = read.value;
    const length = frame.length / requests;
    for (const message of messages) this.#requests.receive(connection, message, length);
  }

  /** A socket has closed, from either side or by breaking. */
  closed(socket: WebSocket): void {
    // One whose closing has woken the object is not among those that the platform listed then.
    const connection = this.#connections.get(socket) ?? this.add(socket);
    if (this.#connections.delete(socket)) this.#owners.closed(connection.rights);
    this.#shared.talking.delete(connection);
    this.#shared.heldBack.delete(connection);
    this.#queue.part(connection.holder);
    this.#watchers.delete(connection);
    this.#factWatchers.delete(connection);
    connection.unread.end();
    this.#requests.offerHeldBack();
    if (connection.releases) this.#queue.release(connection.holder);
  }

  /**
   * Sends what the turn left to say. Answers before pushes: then what their askers ask next comes together with what
   * consumers do with the pushes, and shares a turn. After a rest there is nothing to share it with: the pushes, which
   * a turn says last, leave first, and a task is with its consumer before its producer is woken up.
   */
  committed(): void {
    this.#factWatchers.committed();
    const talking = [...this.#shared.talking];
    this.#shared.talking.clear();
    const now = this.#shared.now();
    if (now - this.#committedAt >= REST_MS) talking.reverse();
    this.#committedAt = now;
    for (const connection of talking) {
      try {
        if (connection.unread.isGivenUp(now)) this.#close(connection, CLOSE.unread);
        else connection.flush();
        if (connection.isOpen && connection.isOver) this.#expire(connection);
      } catch (error) {
        // It broke while it was written to: it is closed, and the others are sent what is theirs.
        console.warn("edgeq: a socket could not be written to:", error);
        this.closed(connection.socket);
      }
    }
    if (isTight(this.#queue.held)) this.#closeUnread(now);
  }

  /** While the budget is used up, those who do not read are closed, so that those who do can go on. */
  #closeUnread(now: number): void {
    if (now - this.#lookedAt < LOOK_EVERY_MS) return;
    this.#lookedAt = now;
    this.#end(
      (connection) => connection.unread.isGivenUp(now),
      (connection) => this.#close(connection, CLOSE.unread),
    );
  }

  rolledBack(): void {
    for (const connection of this.#shared.talking) connection.rolledBack();
    this.#shared.talking.clear();
  }

  /** The client cannot be understood: it hears why, and the socket is closed. */
  #fail(connection: Connection, close: Close, field: string, given: unknown, allowed: string): void {
    connection.refuse(null, invalidProblem({ field, given, allowed }));
    connection.flush();
    this.#close(connection, close);
  }

  /** Closes those whose token is no longer good, also while they say nothing. */
  closeEnded(): void {
    this.#end(
      (connection) => connection.isOver,
      (connection) => this.#expire(connection),
    );
  }

  /** Ends all that are to be ended, some after each turn: thousands may have been opened with one token. */
  #end(isOver: (connection: Connection) => boolean, end: (connection: Connection) => void): void {
    const some = (): Connection[] =>
      this.#connections
        .values()
        .filter((connection) => connection.isOpen && isOver(connection))
        .take(LIMITS.turnServed)
        .toArray();
    if (some().length === 0) return;
    this.#queue.add("ended sockets", (turn) => {
      turn.afterCommit(() => {
        for (const connection of some()) this.#ended(connection, end);
        this.#end(isOver, end);
      });
    });
  }

  #ended(connection: Connection, end: (connection: Connection) => void): void {
    try {
      if (connection.isOpen) end(connection);
    } catch (error) {
      // It broke while it was written to.
      console.warn("edgeq: a socket could not be written to:", error);
      this.closed(connection.socket);
    }
  }

  #expire(connection: Connection): void {
    const detail = "The token that the socket was opened with has expired, or was revoked";
    connection.refuse(null, problem("unauthorized", detail));
    connection.flush();
    this.#close(connection, CLOSE.expired);
  }

  #close(connection: Connection, { code, reason }: Close): void {
    connection.socket.close(code, reason);
    this.closed(connection.socket);
  }
}
