// One open socket to a queue (docs/socket.md): requests and their answers, and tasks that the server pushes. What is asked in
// one turn shares a frame. It does not open itself again: whoever holds it does.

import { SOCKET_LIMITS } from "../protocol/call-limits.ts";
import type { WireCall } from "../protocol/wire-call.ts";
import type { WireAnswer, WireBody, WireLanes, WireOperationName } from "../protocol/wire-operations.ts";
import type { WireClaimedTask } from "../protocol/wire-task.ts";
import { failure, type CallControl } from "./caller.ts";
import { onAbort } from "./on-abort.ts";
import { openSocket } from "./open-socket.ts";
import { jsonBody } from "./payload.ts";
import { isOfJoined, parsedFrame, retryAfterMs, type ServerMessage } from "./server-message.ts";
import { messageText, SocketMessage } from "./socket-message.ts";
import { SocketPulse } from "./socket-pulse.ts";
import type { CallOutcome, Endpoint } from "./transport.ts";

/** What is asked over a socket and not otherwise: a standing claim. */
interface Credit {
  body: {
    readonly n: number;
    readonly claimTimeoutMs?: number;
    readonly claimant?: string;
    readonly lanes?: WireLanes;
  };
  answer: { readonly n: number };
}

type SocketOperationName = WireOperationName | "credit";
type SocketBody<Name extends SocketOperationName> = Name extends WireOperationName ? WireBody<Name> : Credit["body"];
type SocketAnswer<Name extends SocketOperationName> = Name extends WireOperationName
  ? WireAnswer<Name>
  : Credit["answer"];

export interface ChannelEvents {
  tasks(tasks: readonly WireClaimedTask[]): void;
  /** A held task ran out, and the credit with it. */
  lapsed(): void;
  /**
   * Nothing comes any more. Once.
   *
   * @param isDeaf it was opened, and nothing ever came over it: there is something on the way that takes sockets and passes nothing on
   */
  closed(isDeaf: boolean): void;
}

/** What a request may be sent with. */
export interface AskOptions {
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number | undefined;
  readonly call?: WireCall | undefined;
  /** Called when nobody waits for its answer any more, whatever came. */
  readonly ended?: () => void;
}

/** After no socket could be had, how long HTTP is used before another is tried. */
export const WITHOUT_SOCKET_MS = 30_000;
/** The same after one that was deaf: what is on the way stays there, and finding out takes two pings' time, in which nothing is done. */
export const WITHOUT_DEAF_SOCKET_MS = 600_000;
const DEFAULT_TIMEOUT_MS = 30_000;
/** Requests that the server lets one socket have unanswered; what is asked beyond them waits here. */
const MAX_UNANSWERED = SOCKET_LIMITS.socketRequests;
/** The same in characters, with room for those that are more than a byte. */
const MAX_UNANSWERED_LENGTH = SOCKET_LIMITS.socketRequestBytes / 4;
/** A frame takes no further message at this length: a third of what it may hold in bytes. */
const FRAME_LENGTH = 524_288;

/** The longest body that certainly fits in a frame, in characters. */
export const MAX_BODY_LENGTH = FRAME_LENGTH;

/**
 * A body as JSON that may go into a frame, whose length is known only then: unescaped, U+FFFD would stand for bytes that are no UTF-8, and
 * the server closes the socket for those.
 */
export function frameText(body: unknown): string {
  return jsonBody(body).replaceAll("\uFFFD", "\\ufffd");
}

export class SocketChannel {
  readonly #socket: WebSocket;
  readonly #events: ChannelEvents;
  readonly #asked = new Map<number, SocketMessage>();
  readonly #pulse: SocketPulse;
  /** Asked and not sent yet, in order. */
  readonly #unsent = new Set<number>();
  /** One timer for all requests: set for the first that may be over. */
  #timer: ReturnType<typeof setTimeout> | null = null;
  #timerAt = Infinity;
  #unanswered = 0;
  #unansweredLength = 0;
  #isFlushing = false;
  #lastId = 0;
  #isClosed = false;
  /** The server knows messages of several requests. One of an earlier version refuses them, and is sent each by itself. */
  #joins = true;

  /** Rejects with UnreachableError when no socket can be had: refused, cut off, or not known here. */
  static async open(
    endpoint: Endpoint,
    queue: string,
    events: ChannelEvents,
    signal?: AbortSignal,
  ): Promise<SocketChannel> {
    return new SocketChannel(await openSocket(endpoint, queue, signal), events);
  }

  constructor(socket: WebSocket, events: ChannelEvents) {
    this.#socket = socket;
    this.#events = events;
    socket.addEventListener("message", ({ data }) => this.#received(String(data)));
    socket.addEventListener("close", ({ code, reason }) => this.#closed(`closed with ${code} ${reason}`));
    socket.addEventListener("error", () => this.#closed("broken"));
    this.#pulse = new SocketPulse(
      () => this.#send(["ping"]),
      (isDeaf) => this.#end("silent", isDeaf),
    );
  }

  get isOpen(): boolean {
    return !this.#isClosed;
  }

  /** Rejects with a ProblemError, or with UnreachableError when the socket breaks or the time runs out. */
  async request<Name extends SocketOperationName>(
    op: Name,
    body: SocketBody<Name>,
    { signal, timeoutMs = DEFAULT_TIMEOUT_MS }: Pick<CallControl, "signal" | "timeoutMs"> = {},
  ): Promise<SocketAnswer<Name>> {
    const outcome = await this.ask(op, frameText(body), { signal, timeoutMs });
    if (outcome.kind === "answer") return outcome.answer as SocketAnswer<Name>;
    throw failure(outcome, 1);
  }

  /**
   * Sends a request with all that is asked in this turn. Rejects, with the signal's reason, only when that is aborted.
   *
   * @param body an object, without its `call`, as `frameText` writes it, at most MAX_BODY_LENGTH long
   */
  ask(
    op: SocketOperationName,
    body: string,
    { signal, timeoutMs = Infinity, call, ended }: AskOptions,
  ): Promise<CallOutcome<unknown>> {
    return new Promise((resolve, reject) => {
      // A call that ends before it is sent counts as begun all the same.
      if (signal?.aborted === true || this.#isClosed) ended?.();
      signal?.throwIfAborted();
      if (this.#isClosed) {
        resolve({ kind: "unreachable", cause: new Error("the socket is closed") });
        return;
      }
      const id = (this.#lastId += 1);
      const off =
        signal &&
        onAbort(signal, () => {
          this.#leave(id, message);
          ended?.();
          reject(signal.reason as Error);
        });
      const endsAt = performance.now() + timeoutMs;
      const message = new SocketMessage(id, op, body, call, endsAt, (outcome) => {
        off?.();
        ended?.();
        resolve(outcome ?? { kind: "unreachable", cause: new Error(`no answer within ${timeoutMs} ms`) });
      });
      this.#asked.set(id, message);
      this.#unsent.add(id);
      if (endsAt < this.#timerAt) this.#endAt(endsAt);
      this.#flushSoon();
    });
  }

  /** Nobody waits for it: what has left is still counted until its answer comes; what has not never leaves, nor leaves once more. */
  #leave(id: number, message: SocketMessage): void {
    if (this.#unsent.delete(id)) this.#asked.delete(id);
    message.leave();
  }

  /** All are looked at, which is seldom: the timer rings once in the time that a request may take, however many come in it. */
  #endOverdue(): void {
    const now = performance.now();
    let next = Infinity;
    for (const [id, message] of this.#asked) {
      if (message.endsAt > now) next = Math.min(next, message.endsAt);
      else {
        if (!message.hasLeft) this.#pulse.doubt();
        message.answer(null);
        this.#leave(id, message);
      }
    }
    this.#endAt(next);
  }

  #endAt(at: number): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timerAt = at;
    this.#timer = at < Infinity ? setTimeout(() => this.#endOverdue(), at - performance.now()) : null;
  }

  close(): void {
    this.#socket.close(1000);
    this.#closed("closed here");
  }

  #flushSoon(): void {
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    queueMicrotask(() => {
      this.#isFlushing = false;
      this.#flush();
    });
  }

  #flush(): void {
    let frame: string[] = [];
    let joined: SocketMessage[] = [];
    let length = 0;
    const end = (): void => {
      if (joined.length > 0) frame.push(messageText(joined));
      joined = [];
    };
    for (const id of this.#unsent) {
      if (this.#unanswered >= MAX_UNANSWERED || this.#unansweredLength >= MAX_UNANSWERED_LENGTH) break;
      this.#unsent.delete(id);
      const message = this.#asked.get(id);
      if (message === undefined) continue;
      const before = joined.at(-1);
      const isFull = length > 0 && length + message.length > FRAME_LENGTH;
      if (before !== undefined && (isFull || !this.#joins || !message.follows(before))) end();
      if (isFull) {
        this.#send(frame);
        frame = [];
        length = 0;
      }
      joined.push(message);
      length += message.length;
      this.#unanswered += 1;
      this.#unansweredLength += message.length;
    }
    end();
    this.#send(frame);
  }

  #send(messages: readonly string[]): void {
    if (this.#isClosed || messages.length === 0) return;
    this.#socket.send(messages.length === 1 ? (messages[0] ?? "") : `[${messages.join(",")}]`);
  }

  #received(frame: string): void {
    this.#pulse.heard();
    if (frame === "pong") return;
    const parsed = parsedFrame(frame);
    if (parsed === null) return this.#end("talking nonsense");
    for (const message of parsed) {
      if (!("op" in message)) this.#answered(message);
      else if (message.op === "tasks") this.#events.tasks(message.tasks);
      else if (message.op === "lapsed") this.#events.lapsed();
      // Shows the server that all before it was read.
      else this.#send([JSON.stringify(message)]);
    }
    if (this.#unsent.size > 0) this.#flushSoon();
  }

  #answered(message: Exclude<ServerMessage, { op: string }>): void {
    const asked = message.id === null ? undefined : this.#asked.get(message.id);
    if (message.id === null || asked === undefined) return;
    if ("problem" in message && asked.sentWith > 1 && isOfJoined(message.problem)) return this.#sendEach(asked);
    this.#unanswered -= 1;
    this.#unansweredLength -= asked.length;
    this.#asked.delete(message.id);
    if ("ok" in message) asked.answer({ kind: "answer", answer: message.ok });
    else asked.answer({ kind: "problem", problem: message.problem, retryAfterMs: retryAfterMs(message.problem) });
  }

  /** None of the requests was made that were sent as one message with `first`: each is sent again by itself. */
  #sendEach({ id: firstId, sentWith }: SocketMessage): void {
    this.#joins = false;
    for (let id = firstId; id < firstId + sentWith; id += 1) {
      const request = this.#asked.get(id);
      if (request === undefined) continue;
      this.#unanswered -= 1;
      this.#unansweredLength -= request.length;
      if (request.hasLeft) this.#asked.delete(id);
      else this.#unsent.add(id);
    }
  }

  #end(why: string, isDeaf = false): void {
    this.#socket.close();
    this.#closed(why, isDeaf);
  }

  #closed(why: string, isDeaf = false): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#pulse.stop();
    this.#endAt(Infinity);
    const cause = new Error(`the socket is ${why}`);
    for (const { answer } of this.#asked.values()) answer({ kind: "unreachable", cause });
    this.#asked.clear();
    this.#events.closed(isDeaf);
  }
}
