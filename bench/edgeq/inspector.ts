// A session with V8's inspector in workerd.
import { once } from "node:events";
import { WebSocket } from "ws";
import { httpClient, type HttpClient } from "../measure/http-client.ts";
import type { Edgeq } from "./start-edgeq.ts";

interface Answer {
  readonly id?: number;
  readonly result?: object;
  readonly error?: { readonly message: string };
}

/** workerd hears its inspector only when a request comes by. */
const nudgeMs = 10;

export class Inspector {
  readonly #socket: WebSocket;
  readonly #client: HttpClient;
  readonly #asked = new Map<number, (answer: Answer) => void>();
  #nextId = 1;

  private constructor(socket: WebSocket, client: HttpClient) {
    this.#socket = socket;
    this.#client = client;
    socket.on("message", (frame: Buffer) => {
      const answer = JSON.parse(frame.toString()) as Answer;
      this.#asked.get(answer.id ?? 0)?.(answer);
    });
  }

  /** Of a server that was started with an inspector. */
  static async open({ url, inspectorPort }: Edgeq): Promise<Inspector> {
    if (inspectorPort === null) throw new Error("expected a workerd with an inspector");
    const response = await fetch(`http://127.0.0.1:${inspectorPort}/json`);
    const [target] = (await response.json()) as { webSocketDebuggerUrl: string }[];
    if (target === undefined) throw new Error("expected a target of V8's inspector");
    const socket = new WebSocket(target.webSocketDebuggerUrl, { perMessageDeflate: false, maxPayload: 2 ** 30 });
    await once(socket, "open", { signal: AbortSignal.timeout(10_000) });
    return new Inspector(socket, httpClient(url, 1));
  }

  async ask(method: string, params: object = {}): Promise<object> {
    const id = this.#nextId++;
    const nudge = setInterval(() => void this.#client.send("GET", "/v1/health", null).catch(() => {}), nudgeMs);
    try {
      const answer = await new Promise<Answer>((resolve) => {
        this.#asked.set(id, resolve);
        this.#socket.send(JSON.stringify({ id, method, params }));
      });
      if (answer.error !== undefined) throw new Error(`${method}: ${answer.error.message}`);
      // workerd's own methods, such as Profiler.enable, answer without one.
      return answer.result ?? {};
    } finally {
      clearInterval(nudge);
      this.#asked.delete(id);
    }
  }

  async close(): Promise<void> {
    this.#socket.close();
    await once(this.#socket, "close");
    await this.#client.close();
  }
}
