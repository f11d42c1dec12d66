// Frames to one queue: each message is answered under its id, or the socket is closed with a code that the protocol names.

import { refusalOfSocket } from "../node/refused-socket.ts";
import type { Answer } from "./verdict.ts";

/** docs/socket.md, "Close codes": what a frame may be closed for. */
const FRAME_CLOSE_CODES = new Set([1003, 1007, 1009]);
const LIMIT_MS = 20_000;

interface Message {
  readonly id?: number | null;
  readonly op?: string;
  readonly ok?: unknown;
  readonly problem?: { readonly status: number };
}

export interface Sent {
  readonly answers: ReadonlyMap<number, Answer>;
  /** null: it stayed open. */
  readonly closedWith: number | null;
  readonly isOverdue: boolean;
  /** What was said instead of opening a socket, as by a limit that a request has set; null: there was one. */
  readonly refusal: Answer | null;
}

const NOT_SENT = { answers: new Map<number, Answer>(), closedWith: null, isOverdue: false };

export class FrameSender {
  readonly #url: string;
  #socket: WebSocket | null = null;

  constructor(url: string, queue: string) {
    this.#url = `${url.replace(/^http/, "ws")}/v1/queues/${queue}/socket`;
  }

  /** Sends a frame, and waits until `ids` are answered or the socket is closed. */
  async send(frame: string | Uint8Array<ArrayBuffer>, ids: readonly number[]): Promise<Sent> {
    this.#socket ??= await this.#open();
    if (this.#socket === null) {
      const refusal = await this.#refusal();
      return refusal === null ? this.send(frame, ids) : { ...NOT_SENT, refusal };
    }
    const socket = this.#socket;
    const answers = new Map<number, Answer>();
    const waiting = new Set(ids);
    return new Promise((fulfil) => {
      const end = (closedWith: number | null, isOverdue = false): void => {
        clearTimeout(overdue);
        socket.removeEventListener("message", heard);
        socket.removeEventListener("close", closed);
        if (closedWith !== null || isOverdue) this.close();
        fulfil({ answers, closedWith, isOverdue, refusal: null });
      };
      const overdue = setTimeout(() => end(null, true), LIMIT_MS);
      const closed = ({ code }: { readonly code: number }): void => end(code);
      const heard = ({ data }: MessageEvent): void => {
        const parsed = JSON.parse(String(data)) as Message | readonly Message[];
        for (const message of Array.isArray(parsed) ? (parsed as readonly Message[]) : [parsed as Message]) {
          if (message.op === "sync") socket.send(JSON.stringify(message));
          if (typeof message.id !== "number" || !waiting.delete(message.id)) continue;
          const { problem, ok } = message;
          answers.set(message.id, { status: problem?.status ?? 200, contentType: null, body: problem ?? ok });
        }
        // A frame that nothing can be answered to is one that the socket is closed for.
        if (waiting.size === 0 && ids.length > 0) end(null);
      };
      socket.addEventListener("message", heard);
      socket.addEventListener("close", closed);
      socket.send(frame);
    });
  }

  close(): void {
    this.#socket?.close();
    this.#socket = null;
  }

  /** null: it is refused. */
  #open(): Promise<WebSocket | null> {
    const socket = new WebSocket(this.#url);
    return new Promise((fulfil) => {
      socket.addEventListener("open", () => fulfil(socket), { once: true });
      socket.addEventListener("error", () => fulfil(null), { once: true });
    });
  }

  /** Asked once more; null: what stood in the way has gone. */
  #refusal(): Promise<Answer | null> {
    return refusalOfSocket(this.#url.replace(/^ws/, "http"));
  }
}

export function isFrameClose(code: number | null): boolean {
  return code !== null && FRAME_CLOSE_CODES.has(code);
}
