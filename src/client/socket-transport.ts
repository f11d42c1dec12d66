// The transport over sockets, one to each queue: calls of one turn share a frame, and as many as you like are under way. What
// a socket cannot do goes over HTTP, and all of it does while no socket can be had.

import type { WireCall } from "../protocol/wire-call.ts";
import type { WireAnswer, WireBody, WireOperationName } from "../protocol/wire-operations.ts";
import { abortable } from "./abortable.ts";
import { UnreachableError } from "./edgeq-error.ts";
import { HTTP_OPTIONS, HttpTransport, type HttpTransportOptions } from "./http-transport.ts";
import { integerOption, knownOptions } from "./option.ts";
import {
  frameText,
  MAX_BODY_LENGTH,
  SocketChannel,
  WITHOUT_DEAF_SOCKET_MS,
  WITHOUT_SOCKET_MS,
} from "./socket-channel.ts";
import type { CallLimits, CallOptions, CallOutcome, Endpoint, Transport } from "./transport.ts";

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
  /** Nobody waits for the answer of a call that was under way. */
  readonly ended: () => void;
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
    this.#idleMs = integerOption("idleMs", idleMs, [1, 3_600_000, 10_000]);
    this.#http = new HttpTransport(http);
    this.endpoint = this.#http.endpoint;
  }

  async call<Name extends WireOperationName>(
    queue: string,
    operation: Name,
    body: WireBody<Name>,
    options: CallOptions,
  ): Promise<CallOutcome<WireAnswer<Name>>> {
    const { signal } = options;
    signal?.throwIfAborted();
    const line = this.#lineOf(queue);
    const { call } = body as { readonly call?: WireCall };
    const text = frameText(call === undefined ? body : { ...body, call: undefined });
    const channel = fits(operation, body, text)
      ? (line.channel ?? (await abortable(this.#opened(line, queue), signal)))
      : null;
    if (channel === null)
      return this.#http.call(queue, operation, body, options, call === undefined ? text : undefined);
    return this.#asked(line, channel, operation, text, { signal, call });
  }

  callWithin<Name extends WireOperationName>(
    queue: string,
    operation: Name,
    body: WireBody<Name>,
    limits: CallLimits,
  ): Promise<CallOutcome<WireAnswer<Name>>> | undefined {
    const line = this.#lines.get(queue);
    const channel = line?.channel;
    // A call's own number goes another way.
    if (line === undefined || !channel || "call" in body) return undefined;
    const text = frameText(body);
    return fits(operation, body, text) ? this.#asked(line, channel, operation, text, limits) : undefined;
  }

  /** Closes the sockets. Calls under way have no answer; a later call opens a socket again. */
  close(): void {
    for (const { channel, opening } of this.#lines.values()) {
      channel?.close();
      opening?.then(
        (opened) => opened?.close(),
        () => {},
      );
    }
  }

  #asked<Answer>(
    line: Line,
    channel: SocketChannel,
    operation: WireOperationName,
    text: string,
    { signal, timeoutMs, call }: Partial<CallLimits>,
  ): Promise<CallOutcome<Answer>> {
    line.underWay += 1;
    this.#markUsed(line);
    const { ended } = line;
    return channel.ask(operation, text, { signal, timeoutMs, call, ended }) as Promise<CallOutcome<Answer>>;
  }

  #lineOf(queue: string): Line {
    const known = this.#lines.get(queue);
    if (known !== undefined) return known;
    const line: Line = {
      channel: null,
      opening: null,
      withoutUntil: 0,
      underWay: 0,
      idle: null,
      ended: () => {
        line.underWay -= 1;
        this.#rest(line);
      },
    };
    this.#lines.set(queue, line);
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
      // All who waited for it may have left, and nobody else would close it.
      this.#rest(line);
      return line.channel;
    } catch (error) {
      if (!(error instanceof UnreachableError)) throw error;
      line.withoutUntil = performance.now() + WITHOUT_SOCKET_MS;
      return null;
    }
  }

  /** Closes it after a while, if nothing is asked. One that is closed keeps nothing waiting: no timer is left for a program to wait for. */
  #rest(line: Line): void {
    if (line.underWay > 0 || line.channel?.isOpen !== true) return;
    line.idle = setTimeout(() => line.channel?.close(), this.#idleMs);
  }

  #markUsed(line: Line): void {
    if (line.idle !== null) clearTimeout(line.idle);
    line.idle = null;
  }
}

/** Whether a call can go over a socket. A wait is a long poll: a socket's own way to wait is credit, which is the consumer's. */
function fits(operation: WireOperationName, body: object, text: string): boolean {
  const waits = operation === "claim" && "waitMs" in body && body.waitMs !== 0 && body.waitMs !== undefined;
  return text.length <= MAX_BODY_LENGTH && !waits;
}
