// The transport over sockets, one to each queue: calls of one turn share a frame, and as many as you like are under way. What
// a socket cannot do goes over HTTP, and all of it does while no socket can be had.

import type { WireCall } from "../protocol/wire-call.ts";
import type { WireAnswer, WireBody, WireOperationName } from "../protocol/wire-operations.ts";
import { abortable } from "./abortable.ts";
import { UnreachableError } from "./edgeq-error.ts";
import { HTTP_OPTIONS, HttpTransport, type HttpTransportOptions } from "./http-transport.ts";
import { integerOption, knownOptions } from "./option.ts";
import { jsonBody } from "./payload.ts";
import { MAX_BODY_LENGTH, SocketChannel, WITHOUT_DEAF_SOCKET_MS, WITHOUT_SOCKET_MS } from "./socket-channel.ts";
import type { CallOptions, CallOutcome, Endpoint, Transport } from "./transport.ts";

export interface SocketTransportOptions extends HttpTransportOptions {
  /**
   * How long a socket stays open on which nothing is asked. ms, default 10,000, 1 to 3,600,000. A program that does not call
   * `close` ends that much later.
   */
  readonly idleMs?: number;
}

/** The socket of one queue. */
interface Line {
  channel: SocketChannel | null;
  opening: Promise<SocketChannel | null> | null;
  withoutUntil: number;
  underWay: number;
  idle: ReturnType<typeof setTimeout> | null;
}

export class SocketTransport implements Transport {
  readonly endpoint: Endpoint;
  readonly #http: HttpTransport;
  readonly #idleMs: number;
  readonly #lines = new Map<string, Line>();

  /** @param options `url` and `token` of the server. Throws InvalidOptionError for a wrong one. */
  constructor(options: SocketTransportOptions) {
    knownOptions("options", options, [...HTTP_OPTIONS, "idleMs"]);
    const { idleMs, ...http } = options;
    this.#idleMs = integerOption("idleMs", idleMs, { min: 1, max: 3_600_000, unit: "ms" }, 10_000);
    this.#http = new HttpTransport(http);
    this.endpoint = this.#http.endpoint;
  }

  async call<Name extends WireOperationName>(
    queue: string,
    operation: Name,
    body: WireBody<Name>,
    options: CallOptions,
  ): Promise<CallOutcome<WireAnswer<Name>>> {
    options.signal?.throwIfAborted();
    const line = this.#lineOf(queue);
    const { call } = body as { readonly call?: WireCall };
    const text = jsonBody(call === undefined ? body : { ...body, call: undefined });
    const fits = text.length <= MAX_BODY_LENGTH && !waits(operation, body);
    const channel = fits ? (line.channel ?? (await abortable(this.#opened(line, queue), options.signal))) : null;
    if (channel === null)
      return this.#http.call(queue, operation, body, options, call === undefined ? text : undefined);
    line.underWay += 1;
    this.#markUsed(line);
    try {
      return (await channel.ask(operation, text, options.signal, call)) as CallOutcome<WireAnswer<Name>>;
    } finally {
      line.underWay -= 1;
      // One that is closed keeps nothing waiting: no timer is left that a program would have to wait for.
      if (line.underWay === 0 && line.channel !== null)
        line.idle = setTimeout(() => line.channel?.close(), this.#idleMs);
    }
  }

  /** Closes the sockets. Calls under way have no answer; a later call opens a socket again. */
  close(): void {
    for (const { channel } of this.#lines.values()) channel?.close();
  }

  #lineOf(queue: string): Line {
    let line = this.#lines.get(queue);
    if (line === undefined) {
      line = { channel: null, opening: null, withoutUntil: 0, underWay: 0, idle: null };
      this.#lines.set(queue, line);
    }
    return line;
  }

  /** null: none is to be had for now, or it broke at once. */
  #opened(line: Line, queue: string): Promise<SocketChannel | null> {
    if (performance.now() < line.withoutUntil) return Promise.resolve(null);
    line.opening ??= this.#open(line, queue).finally(() => (line.opening = null));
    return line.opening;
  }

  async #open(line: Line, queue: string): Promise<SocketChannel | null> {
    const closed = (isDeaf: boolean): void => {
      if (isDeaf) line.withoutUntil = performance.now() + WITHOUT_DEAF_SOCKET_MS;
      line.channel = null;
      this.#markUsed(line);
    };
    try {
      const channel = await SocketChannel.open(this.endpoint, queue, { tasks: () => {}, lapsed: () => {}, closed });
      line.channel = channel.isOpen ? channel : null;
      return line.channel;
    } catch (error) {
      if (!(error instanceof UnreachableError)) throw error;
      line.withoutUntil = performance.now() + WITHOUT_SOCKET_MS;
      return null;
    }
  }

  #markUsed(line: Line): void {
    if (line.idle !== null) clearTimeout(line.idle);
    line.idle = null;
  }
}

/** A wait is a long poll: a socket's own way to wait is credit, which is the consumer's. */
function waits(operation: WireOperationName, body: object): boolean {
  return operation === "claim" && "waitMs" in body && body.waitMs !== 0 && body.waitMs !== undefined;
}
