// A socket of the page: open while a part of the page wants it, closed while the tab is hidden or the reader has paused. Where none can
// be opened, as behind a proxy without them, it is tried again from time to time. It knows nothing of what its frames say.

import { effect, signal } from "@preact/signals";
import { isPaused, isVisible } from "./live.ts";

/** After a socket has closed, the next is opened this much later. ms. */
const AGAIN_MS = 10_000;
/** How often a silent socket is asked whether it is there, which the platform answers without waking its object. ms. */
const PING_MS = 15_000;
/** Another part of the page may want the same socket at once. ms. */
const LINGER_MS = 1_000;

interface Hooks {
  readonly opened: () => void;
  /** A frame, but for the answers to pings. */
  readonly heard: (frame: string) => void;
  readonly closed: () => void;
}

export class PageSocket {
  readonly #path: string;
  readonly #hooks: Hooks;
  /** Parts of the page that want it. */
  readonly #users = signal(0);
  #socket: WebSocket | null = null;
  #isQuiet = false;
  #next: ReturnType<typeof setTimeout> | undefined;

  /** @param path on this server */
  constructor(path: string, hooks: Hooks) {
    this.#path = path;
    this.#hooks = hooks;
    setInterval(() => this.#ping(), PING_MS);
    effect(() => {
      if (this.#users.value > 0 && isVisible.value && !isPaused.value) this.#open();
      else this.end();
    });
  }

  /** @returns ends the use */
  use(): () => void {
    this.#users.value += 1;
    return () => setTimeout(() => (this.#users.value -= 1), LINGER_MS);
  }

  /** Nothing while it is not open. */
  send(frame: string): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(frame);
  }

  /** Closes it, to be opened again later. */
  reopen(): void {
    this.#socket?.close();
  }

  /** Closes it, until it is wanted anew. */
  end(): void {
    clearTimeout(this.#next);
    const socket = this.#socket;
    this.#socket = null;
    this.#hooks.closed();
    socket?.close();
  }

  #open(): void {
    if (this.#socket !== null) return;
    clearTimeout(this.#next);
    const socket = new WebSocket(location.origin.replace(/^http/, "ws") + this.#path);
    this.#socket = socket;
    this.#isQuiet = false;
    socket.addEventListener("open", () => this.#hooks.opened());
    socket.addEventListener("message", ({ data }) => {
      this.#isQuiet = false;
      if (data !== "pong") this.#hooks.heard(String(data));
    });
    socket.addEventListener("close", () => {
      if (this.#socket !== socket) return;
      this.end();
      this.#next = setTimeout(() => {
        if (this.#users.peek() > 0 && isVisible.peek() && !isPaused.peek()) this.#open();
      }, AGAIN_MS);
    });
  }

  #ping(): void {
    if (this.#socket?.readyState !== WebSocket.OPEN) return;
    // Its other end has gone without a word.
    if (this.#isQuiet) this.#socket.close();
    this.#isQuiet = true;
    this.#socket.send("ping");
  }
}
