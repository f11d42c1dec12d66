// The Worker of the floor: what any queue on Durable Objects pays before it does anything. It runs in
// workerd, so it knows nothing of Node and imports nothing but the platform.
import { DurableObject } from "cloudflare:workers";

interface Env {
  readonly FLOOR: DurableObjectNamespace<FloorObject>;
}

export class FloorObject extends DurableObject<Env> {
  constructor(state: DurableObjectState, env: Env) {
    super(state, env);
    state.storage.sql.exec("CREATE TABLE IF NOT EXISTS tasks (seq INTEGER PRIMARY KEY, payload TEXT NOT NULL)");
  }

  doNothing(): void {}

  /** One row in a transaction of its own, as the platform commits each event's writes. */
  insert(payload: string): void {
    this.ctx.storage.sql.exec("INSERT INTO tasks (payload) VALUES (?)", payload);
  }

  insertMany(payloads: string): void {
    this.ctx.storage.sql.exec("INSERT INTO tasks (payload) SELECT value FROM json_each(?)", payloads);
  }

  override fetch(): Response {
    const { 0: client, 1: server } = new WebSocketPair();
    this.ctx.acceptWebSocket(server);
    return new Response(null, { status: 101, webSocket: client });
  }

  /** Echoes; a frame that starts with "+" is first written as a row, and the echo waits for the disk. */
  override webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): void {
    if (typeof message === "string" && message.startsWith("+")) this.insert(message);
    socket.send(message);
  }
}

let lastReturnAt = 0;

/** A thousand in a second, and none later than in ten: as edgeq has its callers come again. */
function returnSeconds(now: number): number {
  lastReturnAt = Math.min(Math.max(now, lastReturnAt + 1), now + 10_000);
  return Math.max(1, Math.ceil((lastReturnAt - now) / 1_000));
}

// oxlint-disable-next-line import/no-default-export -- the platform takes its handlers from the default export
export default {
  async fetch(request, env): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    const object = env.FLOOR.getByName(searchParams.get("object") ?? "floor");
    switch (pathname) {
      case "/static":
        return new Response("ok");
      case "/refuse":
        return new Response("no", { status: 503, headers: { "retry-after": String(returnSeconds(Date.now())) } });
      case "/nothing":
        await object.doNothing();
        return new Response("ok");
      case "/insert":
        await object.insert(await request.text());
        return new Response("ok");
      case "/insert-many":
        await object.insertMany(await request.text());
        return new Response("ok");
      case "/socket":
        return object.fetch(request);
      default:
        return new Response("not found", { status: 404 });
    }
  },
} satisfies ExportedHandler<Env>;
