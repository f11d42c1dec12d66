// A client of the socket protocol as small as it can be: sends messages, keeps what it is sent, and waits for what it expects.

import { env, exports } from "cloudflare:workers";
import type { Action } from "../../src/protocol/action.ts";
import type { Problem } from "../../src/protocol/problem.ts";
import { type Grant, SOCKET_GRANT_HEADER } from "../../src/api/grant.ts";

/** Any message that a server sends; each has only some of the fields. */
export interface Received {
  readonly id?: number | string | null;
  readonly op?: string;
  readonly sync?: number;
  readonly ok?: unknown;
  readonly problem?: Problem;
  readonly tasks?: readonly PushedTask[];
}

export interface PushedTask {
  readonly id: string;
  readonly claim: string;
  readonly payload: unknown;
  readonly attempts: number;
  readonly claimedUntil: number;
}

export class SocketClient {
  /** Messages in the order of arrival; the frames that they came in, as text. */
  readonly received: Received[] = [];
  readonly frames: string[] = [];
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  /** Whether `sync` messages are sent back, as a client should. */
  isReading = true;
  readonly #socket: WebSocket;
  // Above those that tests make up.
  #nextId = 1_000_000;
  #news: () => void = () => {};

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    this.closed = new Promise((resolve) => {
      socket.addEventListener("close", ({ code, reason }) => resolve({ code, reason }));
    });
    socket.addEventListener("message", ({ data }) => this.#receive(String(data)));
    socket.accept();
  }

  /** Through the Worker, as clients do. */
  static async open(queueName: string): Promise<SocketClient> {
    const response = await exports.default.fetch(`http://localhost/v1/queues/${queueName}/socket`, {
      headers: { upgrade: "websocket" },
    });
    return SocketClient.over(response);
  }

  /** To the object itself, as the Worker does for a token that allows only some actions, on this queue. */
  static async openFor(
    queueName: string,
    can: readonly Action[],
    endsAt?: number,
    tokenIds: readonly string[] = [],
  ): Promise<SocketClient> {
    const grant: Grant = { queues: [queueName], can: [...can], tokenIds, ...(endsAt === undefined ? {} : { endsAt }) };
    const headers = { upgrade: "websocket", [SOCKET_GRANT_HEADER]: JSON.stringify(grant) };
    return SocketClient.over(await env.QUEUE.getByName(queueName).fetch("http://object/", { headers }));
  }

  static over(response: Response): SocketClient {
    if (response.webSocket === null) throw new Error(`expected a socket, found ${response.status}`);
    return new SocketClient(response.webSocket);
  }

  send(frame: string | ArrayBuffer): void {
    this.#socket.send(frame);
  }

  close(code = 1000): void {
    this.#socket.close(code);
  }

  /** Sends one request; its answer. */
  async ask(op: string, body?: unknown): Promise<Received> {
    const [answer] = await this.askAll([[op, body]]);
    if (answer === undefined) throw new Error("expected an answer");
    return answer;
  }

  /** Sends requests in one frame; their answers in the order of the requests. */
  async askAll(requests: readonly (readonly [op: string, body?: unknown])[]): Promise<Received[]> {
    const messages = requests.map(([op, body]) => ({ id: (this.#nextId += 1), op, body }));
    this.send(JSON.stringify(messages));
    await this.until(() => messages.every(({ id }) => this.received.some((message) => message.id === id)));
    return messages.flatMap(({ id }) => this.received.filter((message) => message.id === id));
  }

  /** Every task pushed so far. */
  get pushed(): PushedTask[] {
    return this.received.flatMap((message) => (message.op === "tasks" ? (message.tasks ?? []) : []));
  }

  /** Waits for pushed tasks; those pushed so far. */
  async pushes(count: number): Promise<PushedTask[]> {
    await this.until(() => this.pushed.length >= count);
    return this.pushed;
  }

  /** Waits for what messages bring about. */
  async until(isSo: () => boolean): Promise<void> {
    while (!isSo()) await new Promise<void>((resolve) => (this.#news = resolve));
  }

  #receive(frame: string): void {
    this.frames.push(frame);
    if (frame.startsWith("{") || frame.startsWith("[")) {
      const messages = [JSON.parse(frame) as Received | Received[]].flat();
      this.received.push(...messages);
      if (this.isReading) for (const message of messages) if (message.op === "sync") this.send(JSON.stringify(message));
    }
    this.#news();
  }
}
