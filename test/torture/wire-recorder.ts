// Stands between a program and the network: each request, frame and answer goes into the history as it passes, whether the
// published client made it or a program of its own. The program sees what it would see without.

import type { Happening, HistoryFile } from "./history.ts";

/** Headers by which the proxy knows calls and sockets; the server passes them over. */
export const CALL_HEADER = "x-torture-call";
export const SOCKET_HEADER = "x-torture-socket";

type Fields = Readonly<Record<string, unknown>>;

/** Replaces this process's fetch and WebSocket. */
export function recordWire(history: HistoryFile, actor: string): void {
  let last = 0;
  const next = (kind: string): string => `${actor}.${kind}${(last += 1)}`;
  const { fetch: sendRequest, WebSocket: PlainWebSocket } = globalThis;

  globalThis.fetch = async (input, init = {}) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const asked = operationOf(init.method ?? "GET", url, init.body);
    if (asked === null) return sendRequest(input, init);
    const n = next("c");
    history.write({ kind: "call", n, ...asked });
    const headers = new Headers(init.headers);
    headers.set(CALL_HEADER, n);
    const response = await sendRequest(input, { ...init, headers });
    const text = await response.text();
    const answer = answerOf(n, response.status, text);
    if (answer !== null) history.write(answer);
    return new Response(text, { status: response.status, headers: response.headers });
  };

  globalThis.WebSocket = class extends PlainWebSocket {
    readonly #name: string;
    readonly #queue: string;

    constructor(url: string | URL, given: string | string[] | WebSocketInit = []) {
      // Node's own takes headers too, which browsers do not.
      const init = typeof given === "string" || Array.isArray(given) ? { protocols: given } : given;
      const name = next("s");
      super(url, { ...init, headers: { [SOCKET_HEADER]: name } });
      this.#name = name;
      this.#queue = queueOf(new URL(url));
      this.addEventListener("message", ({ data }) => this.#heard(String(data)));
      this.addEventListener("close", () => history.write({ kind: "cut", socket: this.#name }));
    }

    override send(data: string): void {
      for (const { id, op, body } of messagesOf(data)) {
        if (typeof op !== "string" || id === undefined) continue;
        const n = `${this.#name}/${JSON.stringify(id)}`;
        history.write({ kind: "call", n, queue: this.#queue, op, body: (body ?? {}) as Fields, socket: this.#name });
      }
      super.send(data);
    }

    override close(code?: number, reason?: string): void {
      history.write({ kind: "cut", socket: this.#name });
      super.close(code, reason);
    }

    #heard(data: string): void {
      for (const { id, op, ok, problem, tasks } of messagesOf(data)) {
        const n = `${this.#name}/${JSON.stringify(id)}`;
        if (op === "tasks")
          history.write({ kind: "push", socket: this.#name, queue: this.#queue, tasks: tasks as readonly unknown[] });
        else if (ok !== undefined) history.write({ kind: "answer", n, ok });
        else if (problem !== undefined)
          history.write({ kind: "problem", n, code: String((problem as Fields)["code"]) });
      }
    }
  };
}

function messagesOf(data: string): readonly Fields[] {
  if (data === "ping" || data === "pong") return [];
  const frame = JSON.parse(data) as Fields | readonly Fields[];
  return (Array.isArray(frame) ? (frame as readonly Fields[]) : [frame as Fields]).flatMap(eachOf);
}

/** The requests of a message, each as if it had been sent by itself. Whoever repeats a call has its number from its body. */
function eachOf(message: Fields): readonly Fields[] {
  const { id, op, call, bodies } = message;
  if (!Array.isArray(bodies)) return [message];
  return (bodies as readonly Fields[]).map((body, place) => {
    const { producer, number } = (call ?? {}) as Fields;
    const own = call === undefined ? body : { ...body, call: { producer, number: Number(number) + place } };
    return { id: Number(id) + place, op, body: own };
  });
}

/** null: nothing that can be believed was heard, so the call's fate is not known. */
function answerOf(n: string, status: number, text: string): Happening | null {
  try {
    const document = JSON.parse(text) as Fields;
    if (status < 300) return { kind: "answer", n, ok: document };
    return typeof document["code"] === "string" ? { kind: "problem", n, code: document["code"] } : null;
  } catch {
    return null;
  }
}

function queueOf(url: URL): string {
  return decodeURIComponent(url.pathname.split("/")[3] ?? "");
}

/** A request as the operation that it asks for; null: one that is not of a queue. */
function operationOf(method: string, url: URL, sent: unknown): { queue: string; op: string; body: Fields } | null {
  const [, , kind, , below, id] = url.pathname.split("/");
  if (kind !== "queues") return null;
  const queue = queueOf(url);
  const body = typeof sent === "string" ? parsed(sent) : {};
  if (below === "tasks" && id !== undefined) {
    const op = { GET: "getTask", PATCH: "changeTask", DELETE: "cancelTask" }[method] ?? method;
    const version = url.searchParams.get("version");
    const named = { id: decodeURIComponent(id), ...(version === null ? {} : { version: Number(version) }) };
    return { queue, op, body: { ...body, ...named } };
  }
  // To take a setting away is to set it to nothing.
  if (below === "keys" && id !== undefined && (method === "PUT" || method === "DELETE"))
    return { queue, op: "setKey", body: { paused: null, ...body, key: decodeURIComponent(id) } };
  if (below === "tasks") return { queue, op: method === "GET" ? "browse" : "enqueue", body: enqueueBody(body, url) };
  return { queue, op: below ?? (method === "PUT" ? "configure" : "getQueue"), body };
}

/** A body that is no JSON is a payload, with its options in the query. */
function enqueueBody(body: Fields, url: URL): Fields {
  const raw = body["raw"];
  if (raw === undefined) return body;
  const options = [...url.searchParams].map(([name, value]) => [name, /^-?\d+$/.test(value) ? Number(value) : value]);
  return { ...(Object.fromEntries(options) as Fields), payload: raw };
}

function parsed(text: string): Fields {
  try {
    return JSON.parse(text) as Fields;
  } catch {
    return { raw: text };
  }
}
