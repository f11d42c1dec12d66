// One open socket to a queue (docs/socket.md): requests and their answers, and tasks that the server pushes. It does not open
// itself again: whoever holds it does.

import { UnreachableError } from "../client/edgeq-error.ts";
import { problemError } from "../client/problem-error.ts";
import type { Endpoint } from "../client/transport.ts";
import { withTimeout } from "../client/with-timeout.ts";
import type { Problem } from "../protocol/problem.ts";
import type { WireLanes, WireOperations } from "../protocol/wire-operations.ts";
import type { WireClaimedTask } from "../protocol/wire-task.ts";
import type { Control } from "./task-source.ts";

/** What is asked over a socket and not otherwise. */
interface SocketOperations extends Pick<WireOperations, "ack" | "nack" | "extend"> {
  credit: {
    body: {
      readonly n: number;
      readonly claimTimeoutMs?: number;
      readonly claimant?: string;
      readonly lanes?: WireLanes;
    };
    answer: { readonly n: number };
  };
}

export interface ChannelEvents {
  tasks(tasks: readonly WireClaimedTask[]): void;
  /** A held task ran out, and the credit with it. */
  lapsed(): void;
  /** Nothing comes any more. Once. */
  closed(): void;
}

type Message =
  | { readonly id: number; readonly ok: unknown }
  | { readonly id: number | null; readonly problem: Problem }
  | { readonly op: "tasks"; readonly tasks: readonly WireClaimedTask[] }
  | { readonly op: "lapsed" }
  | { readonly op: "sync" };

interface Pending {
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: unknown) => void;
}

const OPEN_TIMEOUT_MS = 10_000;
const DEFAULT_TIMEOUT_MS = 30_000;
/** How often a silent connection is asked whether it is there, which the platform answers without waking the queue. */
const PING_EVERY_MS = 15_000;

export class SocketChannel {
  readonly #socket: WebSocket;
  readonly #events: ChannelEvents;
  readonly #pending = new Map<number, Pending>();
  readonly #pinging: ReturnType<typeof setInterval>;
  #lastId = 0;
  #isQuiet = false;
  #isClosed = false;

  /** Rejects with UnreachableError when no socket can be had: refused, cut off, or not known here. */
  static async open(
    { url, token }: Endpoint,
    queue: string,
    events: ChannelEvents,
    signal: AbortSignal,
  ): Promise<SocketChannel> {
    if (typeof WebSocket !== "function") throw new UnreachableError(1, new Error("there is no WebSocket here"));
    const secret = await token();
    const address = `${url.replace(/^http/, "ws")}/v1/queues/${queue}/socket`;
    // A browser cannot set a socket's headers, so the token is offered as a subprotocol (docs/auth.md).
    const socket =
      secret === undefined ? new WebSocket(address) : new WebSocket(address, ["edgeq.v1", `edgeq.token.${secret}`]);
    try {
      await withTimeout(OPEN_TIMEOUT_MS, signal, (limited) => opened(socket, limited));
    } catch (error) {
      socket.close();
      signal.throwIfAborted();
      throw new UnreachableError(1, error);
    }
    return new SocketChannel(socket, events);
  }

  constructor(socket: WebSocket, events: ChannelEvents) {
    this.#socket = socket;
    this.#events = events;
    socket.addEventListener("message", ({ data }) => this.#received(String(data)));
    socket.addEventListener("close", ({ code, reason }) => this.#closed(`closed with ${code} ${reason}`));
    socket.addEventListener("error", () => this.#closed("broken"));
    this.#pinging = setInterval(() => this.#ping(), PING_EVERY_MS);
  }

  get isOpen(): boolean {
    return !this.#isClosed;
  }

  /** Rejects with a ProblemError, or with UnreachableError when the socket breaks or the time is over. */
  async request<Name extends keyof SocketOperations>(
    op: Name,
    body: SocketOperations[Name]["body"],
    { signal, timeoutMs = DEFAULT_TIMEOUT_MS }: Control = {},
  ): Promise<SocketOperations[Name]["answer"]> {
    if (this.#isClosed) throw new UnreachableError(1, new Error("the socket is closed"));
    const id = (this.#lastId += 1);
    try {
      return await withTimeout(timeoutMs, signal, (limited) => {
        const answer = new Promise<SocketOperations[Name]["answer"]>((resolve, reject) => {
          this.#pending.set(id, { resolve: resolve as Pending["resolve"], reject });
          limited.addEventListener("abort", () => reject(new UnreachableError(1, limited.reason)));
        });
        this.#socket.send(JSON.stringify({ id, op, body }));
        return answer;
      });
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    } finally {
      this.#pending.delete(id);
    }
  }

  close(): void {
    this.#socket.close(1000);
    this.#closed("closed here");
  }

  #received(frame: string): void {
    this.#isQuiet = false;
    if (frame === "pong") return;
    const parsed = JSON.parse(frame) as Message | readonly Message[];
    for (const message of Array.isArray(parsed) ? (parsed as readonly Message[]) : [parsed as Message]) {
      if (!("op" in message)) this.#answered(message);
      else if (message.op === "tasks") this.#events.tasks(message.tasks);
      else if (message.op === "lapsed") this.#events.lapsed();
      // Shows the server that all before it was read.
      else if (!this.#isClosed) this.#socket.send(JSON.stringify(message));
    }
  }

  #answered(message: Exclude<Message, { op: string }>): void {
    const pending = message.id === null ? undefined : this.#pending.get(message.id);
    if ("ok" in message) pending?.resolve(message.ok);
    else pending?.reject(problemError(message.problem, null));
  }

  #ping(): void {
    if (this.#isQuiet) {
      this.#socket.close();
      this.#closed("silent");
      return;
    }
    this.#isQuiet = true;
    this.#socket.send("ping");
  }

  #closed(why: string): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearInterval(this.#pinging);
    for (const { reject } of this.#pending.values()) reject(new UnreachableError(1, new Error(`the socket is ${why}`)));
    this.#events.closed();
  }
}

function opened(socket: WebSocket, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.addEventListener("open", () => resolve());
    socket.addEventListener("error", () => reject(new Error("the socket was refused")));
    socket.addEventListener("close", () => reject(new Error("the socket was closed")));
    signal.addEventListener("abort", () => reject(signal.reason as Error));
  });
}
