// One queue's facts over a socket (docs/socket.md), for as long as somebody wants them. A socket that is lost is opened again, and the
// listener hears of the gap, in which anything may have happened.

import { setTimeout as sleep } from "node:timers/promises";
import { isProblem, ProblemError, UnreachableError, type Problem } from "../client/index.ts";
import { openSocket } from "../client/open-socket.ts";
import { endpointOf, requestJson, type GlobalOptions } from "./connection.ts";

export interface FactListener {
  /** As the server sends it. */
  fact(fact: object): void;
  /** So many were not sent, since they came faster than they were read. */
  missed(count: number): void;
  /** For the first time, and after each loss. */
  opened(): void;
  lost(): void;
  /** The socket is open again. Between the two instants anything may have happened. */
  gap(from: number, to: number): void;
}

/** What the server's `watch` takes. */
export interface FactFilter {
  readonly lanes?: readonly string[];
  readonly kinds?: readonly string[];
}

interface Message {
  readonly op?: string;
  readonly ok?: object;
  readonly facts?: readonly object[];
  readonly missed?: number;
  readonly problem?: Problem;
}

/** Before a lost socket is opened again, twice as long each time. ms */
const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 30_000;
/** How often a silent socket is asked whether it is there, which the platform answers without waking the queue. ms */
const PING_MS = 15_000;

/** Which facts are heard, by whom, and until when. */
interface Listening {
  readonly queue: string;
  readonly connection: GlobalOptions;
  readonly filter: FactFilter;
  readonly listener: FactListener;
  readonly signal: AbortSignal;
}

export class FactSocket {
  readonly #of: Listening;
  #hasBeenOpen = false;
  /** When it was lost; null: it is open, or has not been yet. */
  #lostAt: number | null = null;
  #waitMs = FIRST_WAIT_MS;

  constructor(of: Listening) {
    this.#of = of;
  }

  /**
   * Listens until the signal is aborted.
   *
   * @throws {UnreachableError} at first no socket can be had
   * @throws {ProblemError} the server refuses
   */
  async listen(): Promise<void> {
    while (!this.#of.signal.aborted) {
      await this.#once();
      if (this.#of.signal.aborted) return;
      await this.#askWhy();
      await sleep(this.#waitMs, undefined, { signal: this.#of.signal }).catch(() => {});
      this.#waitMs = Math.min(2 * this.#waitMs, LONGEST_WAIT_MS);
    }
  }

  /** A socket is refused without a word: an ordinary request says why. A queue that does not exist yet can be listened to. */
  async #askWhy(): Promise<void> {
    try {
      await requestJson(`/v1/queues/${encodeURIComponent(this.#of.queue)}`, this.#of.connection, {
        signal: this.#of.signal,
      });
    } catch (error) {
      const isPassing = !(error instanceof ProblemError) || error.retryable;
      if (!isProblem(error, "queue-not-found") && !(this.#hasBeenOpen && isPassing)) throw error;
    }
    if (!this.#hasBeenOpen) throw new UnreachableError(1, new Error("the server opened no socket"));
  }

  /** Fulfilled when the socket is closed, or none could be opened. Rejected with what the server refuses. */
  async #once(): Promise<void> {
    const queue = encodeURIComponent(this.#of.queue);
    const socket = await openSocket(endpointOf(this.#of.connection), queue, this.#of.signal).catch(() => null);
    if (socket === null) return;
    const close = (): void => socket.close();
    this.#of.signal.addEventListener("abort", close, { once: true });
    let isQuiet = false;
    const pinging = setInterval(() => {
      // Its other end has gone without a word.
      if (isQuiet) this.#ended(socket);
      isQuiet = true;
      socket.send("ping");
    }, PING_MS);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    socket.send(JSON.stringify({ id: 1, op: "watch", body: { facts: this.#of.filter } }));
    socket.addEventListener("message", ({ data }) => {
      isQuiet = false;
      try {
        this.#heard(socket, String(data));
      } catch (error) {
        reject(error);
        socket.close();
      }
    });
    socket.addEventListener("error", () => resolve());
    socket.addEventListener("close", () => resolve());
    await promise.finally(() => {
      clearInterval(pinging);
      this.#of.signal.removeEventListener("abort", close);
      if (this.#hasBeenOpen && this.#lostAt === null) {
        this.#lostAt = Date.now();
        if (!this.#of.signal.aborted) this.#of.listener.lost();
      }
    });
  }

  #ended(socket: WebSocket): void {
    socket.close();
    socket.dispatchEvent(new Event("close"));
  }

  #heard(socket: WebSocket, frame: string): void {
    if (frame === "pong") return;
    for (const message of [JSON.parse(frame) as Message | Message[]].flat()) {
      // Shows that all before it was read: what came too fast is counted by the server, and held nowhere.
      if (message.op === "sync") socket.send(JSON.stringify(message));
      else if (message.op === "facts") {
        for (const fact of message.facts ?? []) this.#of.listener.fact(fact);
        if (message.missed !== undefined) this.#of.listener.missed(message.missed);
      } else if (message.problem !== undefined) this.#refused(message.problem);
      else if (message.ok !== undefined) this.#opened();
    }
  }

  #opened(): void {
    if (this.#lostAt !== null) this.#of.listener.gap(this.#lostAt, Date.now());
    this.#lostAt = null;
    this.#of.listener.opened();
    this.#hasBeenOpen = true;
    this.#waitMs = FIRST_WAIT_MS;
  }

  /** What passes by itself closes the socket, and is tried again. */
  #refused(problem: Problem): void {
    const error = new ProblemError(problem.code, problem, null);
    if (!error.retryable) throw error;
  }
}
