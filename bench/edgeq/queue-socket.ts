// A small client of edgeq's socket protocol (docs/socket.md): requests of one turn share a frame, answers
// find their requests by id, pushed tasks go to a handler, `sync` is sent back as it came.
import { once } from "node:events";
import { WebSocket } from "ws";
import { enqueueBody } from "./task-json.ts";

export interface SocketTask {
  readonly claim: string;
  readonly payload: object;
}

interface Message {
  readonly id?: number | null;
  readonly op?: string;
  readonly ok?: object;
  readonly problem?: { readonly code: string; readonly detail?: string };
  readonly tasks?: readonly SocketTask[];
}

interface Asker {
  resolve(ok: object): void;
  reject(reason: Error): void;
}

/** The most messages of one frame. */
const frameMessages = 1_000;

export class QueueSocket {
  /** What the platform bills: many messages may share one. */
  framesSent = 0;
  readonly #socket: WebSocket;
  readonly #asked = new Map<number, Asker>();
  #outgoing: string[] = [];
  #nextId = 1;
  #pushed: (tasks: readonly SocketTask[]) => void = () => {};

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on("message", (frame: Buffer) => this.#read(frame.toString()));
    socket.on("error", (error) => this.#fail(error));
    socket.on("close", (code) => this.#fail(new Error(`the socket closed with ${code}`)));
  }

  static async open(origin: string, queue: string): Promise<QueueSocket> {
    const url = `${origin.replace("http", "ws")}/v1/queues/${queue}/socket`;
    const socket = new WebSocket(url, { perMessageDeflate: false });
    await once(socket, "open", { signal: AbortSignal.timeout(10_000) });
    return new QueueSocket(socket);
  }

  /** Tasks as JSON, see `taskJson`, in one request. @param call its number, as JSON */
  async enqueue(tasks: readonly string[], call?: string): Promise<void> {
    await this.#ask("enqueue", enqueueBody(tasks, call));
  }

  async claim(max: number): Promise<readonly SocketTask[]> {
    return ((await this.#ask("claim", `{"max":${max}}`)) as { tasks: SocketTask[] }).tasks;
  }

  async ack(tasks: readonly SocketTask[]): Promise<void> {
    const answer = await this.#ask("ack", JSON.stringify({ claims: tasks.map(({ claim }) => claim) }));
    const { results } = answer as { results: { ok: boolean }[] };
    const lost = results.filter(({ ok }) => !ok).length;
    if (lost > 0) throw new Error(`expected ${results.length} acks, ${lost} were refused`);
  }

  /** From now on `handle` is given tasks as they become ready, as long as fewer than `held` of them are unacked. */
  async grant(held: number, handle: (tasks: readonly SocketTask[]) => void): Promise<void> {
    this.#pushed = handle;
    await this.#ask("credit", `{"n":${held},"release":true}`);
  }

  async close(): Promise<void> {
    if (this.#socket.readyState === WebSocket.CLOSED) return;
    this.#socket.close(1000);
    await once(this.#socket, "close", { signal: AbortSignal.timeout(10_000) });
  }

  #ask(op: string, body: string): Promise<object> {
    return new Promise((resolve, reject) => {
      const id = this.#nextId++;
      this.#asked.set(id, { resolve, reject });
      this.#say(`{"id":${id},"op":"${op}","body":${body}}`);
    });
  }

  /** Sent at the end of this turn, with all that is said in it. */
  #say(message: string): void {
    if (this.#outgoing.length === 0) process.nextTick(() => this.#flush());
    this.#outgoing.push(message);
    if (this.#outgoing.length === frameMessages) this.#flush();
  }

  #flush(): void {
    const messages = this.#outgoing;
    this.#outgoing = [];
    if (messages.length === 0) return;
    this.framesSent += 1;
    this.#socket.send(messages.length === 1 ? (messages[0] ?? "") : `[${messages.join(",")}]`);
  }

  #read(frame: string): void {
    const parsed = JSON.parse(frame) as Message | readonly Message[];
    for (const message of Array.isArray(parsed) ? (parsed as readonly Message[]) : [parsed as Message]) {
      if (message.op === "tasks") this.#pushed(message.tasks ?? []);
      else if (message.op === "sync") this.#say(JSON.stringify(message));
      else this.#answer(message);
    }
  }

  #answer({ id, ok, problem }: Message): void {
    const asker = this.#asked.get(id ?? 0);
    this.#asked.delete(id ?? 0);
    if (asker !== undefined && ok !== undefined) return asker.resolve(ok);
    const failure = new Error(`expected an answer, found ${problem?.code ?? "nothing"}: ${problem?.detail ?? ""}`);
    if (asker === undefined) this.#fail(failure);
    else asker.reject(failure);
  }

  #fail(reason: Error): void {
    for (const asker of this.#asked.values()) asker.reject(reason);
    this.#asked.clear();
  }
}
