// Ways in which an object can pass a message on to another socket once its row is on disk, for compare-turns.ts: how the
// write waits for others to join it, and what is written beside the row. Each frame names its way in its first word.
import { DurableObject } from "cloudflare:workers";

interface Env {
  readonly TURN: DurableObjectNamespace<TurnObject>;
}

/** How the write is put off until what has arrived meanwhile can share it. */
const laters: Readonly<Record<string, (flush: () => void) => void>> = {
  now: (flush) => flush(),
  timer: (flush) => void setTimeout(flush, 0),
  microtask: (flush) => queueMicrotask(flush),
  wait: (flush) => void scheduler.wait(0).then(flush),
  channel: (flush) => {
    const { port1, port2 } = new MessageChannel();
    port1.addEventListener("message", () => flush());
    port1.start();
    port2.postMessage(null);
  },
};

export class TurnObject extends DurableObject<Env> {
  #alarmAt = Date.now() + 3_600_000;

  constructor(state: DurableObjectState, env: Env) {
    super(state, env);
    state.storage.sql.exec("CREATE TABLE IF NOT EXISTS tasks (seq INTEGER PRIMARY KEY, payload TEXT NOT NULL)");
    state.storage.sql.exec("CREATE TABLE IF NOT EXISTS claims (slot INTEGER PRIMARY KEY, entries TEXT NOT NULL)");
  }

  override fetch(request: Request): Response {
    const { 0: client, 1: server } = new WebSocketPair();
    this.ctx.acceptWebSocket(server, [new URL(request.url).searchParams.get("role") ?? "producer"]);
    return new Response(null, { status: 101, webSocket: client });
  }

  /** `<later> <writes> <answers> <payload>`: writes are letters of r (the row), c (a claim's row), a (an alarm), t (in a transaction); answers of e (the sender) and p (the consumer). */
  override webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): void {
    if (typeof message !== "string") return;
    const [later = "", writes = "", answers = ""] = message.split(" ", 3);
    laters[later]?.(() => {
      if (writes.includes("t")) this.ctx.storage.transactionSync(() => this.#write(writes, message));
      else this.#write(writes, message);
      if (answers.includes("e")) socket.send(message);
      if (answers.includes("p")) for (const consumer of this.ctx.getWebSockets("consumer")) consumer.send(message);
    });
  }

  #write(writes: string, payload: string): void {
    const { sql } = this.ctx.storage;
    if (writes.includes("r")) sql.exec("INSERT INTO tasks (payload) VALUES (?)", payload);
    if (writes.includes("c")) sql.exec("INSERT OR REPLACE INTO claims (slot, entries) VALUES (1, ?)", payload);
    if (writes.includes("a")) void this.ctx.storage.setAlarm((this.#alarmAt -= 1));
  }
}

// oxlint-disable-next-line import/no-default-export -- the platform takes its handlers from the default export
export default {
  fetch: (request, env) => env.TURN.getByName("turn").fetch(request),
} satisfies ExportedHandler<Env>;
