// One consumer's socket, by the protocol alone: grants credit, acks what it is pushed, answers what it is asked.

interface Message {
  readonly op?: string;
  readonly sync?: number;
  readonly tasks?: readonly { readonly claim: string; readonly attempts: number; readonly payload: string }[];
  readonly id?: number;
  readonly ok?: { readonly results: readonly { readonly ok: boolean }[] };
}

export class FrameConsumer {
  characters = 0;
  acked = 0;
  /** Acks that the queue refused. */
  refused = 0;
  closed: number | null = null;
  readonly #socket: WebSocket;
  readonly #news: () => void;

  private constructor(socket: WebSocket, news: () => void) {
    this.#socket = socket;
    this.#news = news;
    socket.addEventListener("message", ({ data }) => this.#receive(String(data)));
    socket.addEventListener("close", ({ code }) => {
      this.closed = code;
      news();
    });
  }

  /** @param news called whenever something has come */
  static open(url: string, queue: string, credit: number, news: () => void): Promise<FrameConsumer> {
    const socket = new WebSocket(`${url.replace("http", "ws")}/v1/queues/${queue}/socket`);
    return new Promise((resolve, reject) => {
      socket.addEventListener("error", () => reject(new Error("a socket could not be opened")));
      socket.addEventListener("open", () => {
        socket.send(JSON.stringify({ id: 0, op: "credit", body: { n: credit, claimTimeoutMs: 600_000 } }));
        resolve(new FrameConsumer(socket, news));
      });
    });
  }

  close(): void {
    this.#socket.close();
  }

  #receive(frame: string): void {
    const parsed = JSON.parse(frame) as Message | readonly Message[];
    const answers: unknown[] = [];
    for (const message of Array.isArray(parsed) ? (parsed as readonly Message[]) : [parsed as Message]) {
      if (message.op === "sync") answers.push({ op: "sync", sync: message.sync });
      const tasks = message.op === "tasks" ? (message.tasks ?? []) : [];
      for (const { payload } of tasks) this.characters += payload.length;
      if (tasks.length > 0) answers.push({ id: 1, op: "ack", body: { claims: tasks.map(({ claim }) => claim) } });
      for (const { ok } of message.id === 1 ? (message.ok?.results ?? []) : []) {
        if (ok) this.acked += 1;
        else this.refused += 1;
      }
    }
    if (answers.length > 0) this.#socket.send(JSON.stringify(answers.length === 1 ? answers[0] : answers));
    this.#news();
  }
}
