// A hibernating WebSocket between a client of the simulation and an object. Frames keep their order and take their time; what an
// object sends leaves when its turn is committed; a connection may break with frames under way, and either side may hear of it late.

/** The object's end, as the platform gives it. */
export class ServerEnd {
  /** As `WebSocket.OPEN`, or `WebSocket.CLOSED`. */
  readyState = 1;
  onSend: ((text: string) => void) | null = null;
  onClose: (() => void) | null = null;
  #attachment: unknown = null;

  send(text: string): void {
    this.onSend?.(text);
  }

  close(): void {
    if (this.readyState !== 1) return;
    this.readyState = 3;
    this.onClose?.();
  }

  serializeAttachment(value: unknown): void {
    this.#attachment = structuredClone(value);
  }

  deserializeAttachment(): unknown {
    return structuredClone(this.#attachment);
  }
}

/** What the client's side hears. */
export interface SocketClient {
  /** The object has sent this, and that is on disk, whether or not it arrives. */
  committed(text: string): void;
  received(text: string): void;
  closed(): void;
  /** The object has heard that the socket is closed, and that is on disk. */
  ended(): void;
}

/** What a connection needs of the world. */
export interface WireHost {
  /** Runs a turn of the object. */
  run(label: string, body: (object: SocketObject) => void): Promise<void>;
  /** In a turn: `fact` once it is committed, and then `send`, unless the object is killed in between. */
  afterCommit(fact: () => void, send: () => void): void;
  later(delayMs: number, action: () => Promise<void> | void): void;
  below(limit: number): number;
  /** A frame breaks the connection. */
  breaks(): boolean;
  /** The object has the socket no more. */
  forget(wire: Wire): void;
}

export interface SocketObject {
  webSocketMessage?(socket: ServerEnd, text: string): void;
  webSocketClose?(socket: ServerEnd): void;
}

export class Wire {
  readonly socket: ServerEnd;
  readonly #host: WireHost;
  readonly #client: SocketClient;
  readonly #up: string[] = [];
  readonly #down: string[] = [];
  #isClientOpen = true;
  #isServerOpen = true;

  constructor(socket: ServerEnd, host: WireHost, client: SocketClient) {
    this.socket = socket;
    this.#host = host;
    this.#client = client;
    this.socket.onSend = (text) => this.#sent(text);
    this.socket.onClose = () => this.#host.afterCommit(ignore, () => this.#clientCloses(this.#host.below(50)));
  }

  /** As the client knows it. */
  get isOpen(): boolean {
    return this.#isClientOpen;
  }

  send(text: string): void {
    if (!this.#isClientOpen) return;
    if (this.#host.breaks()) return this.#break();
    this.#up.push(text);
    this.#host.later(this.#host.below(50), () => this.#arrive());
  }

  /** The client closes it. */
  close(): void {
    if (!this.#isClientOpen) return;
    this.#isClientOpen = false;
    this.#host.later(this.#host.below(50), () => this.#serverCloses());
  }

  /** The object has died, and with it its end. */
  died(): void {
    this.#isServerOpen = false;
    this.socket.readyState = 3;
    this.#clientCloses(this.#host.below(500));
  }

  #sent(text: string): void {
    this.#host.afterCommit(
      () => this.#client.committed(text),
      () => {
        if (!this.#isClientOpen) return;
        if (this.#host.breaks()) return this.#break();
        this.#down.push(text);
        this.#host.later(this.#host.below(50), () => {
          const frame = this.#down.shift();
          if (frame !== undefined && this.#isClientOpen) this.#client.received(frame);
        });
      },
    );
  }

  async #arrive(): Promise<void> {
    const frame = this.#up.shift();
    if (frame === undefined || !this.#isServerOpen) return;
    await this.#host.run("frame", (object) => object.webSocketMessage?.(this.socket, frame));
  }

  /** One side hears of it soon, and the other perhaps much later. */
  #break(): void {
    this.#up.length = 0;
    this.#down.length = 0;
    this.#clientCloses(this.#host.below(200));
    this.#isClientOpen = false;
    this.#host.later(this.#host.below(this.#host.below(2) === 0 ? 100 : 60_000), () => this.#serverCloses());
  }

  #clientCloses(delayMs: number): void {
    if (!this.#isClientOpen) return;
    this.#host.later(delayMs, () => {
      this.#isClientOpen = false;
      this.#client.closed();
    });
  }

  async #serverCloses(): Promise<void> {
    if (!this.#isServerOpen) return;
    this.#isServerOpen = false;
    this.socket.readyState = 3;
    this.#host.forget(this);
    await this.#host.run("socket closed", (object) => {
      object.webSocketClose?.(this.socket);
      this.#host.afterCommit(() => this.#client.ended(), ignore);
    });
  }
}

function ignore(): void {}
