// The socket over which a queue sends the page its state (docs/socket.md): one for the queue that is looked at, none while the tab is
// hidden or the reader has paused. Where no socket can be opened, as behind a proxy without them, the page asks instead.

import { effect, signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { QUEUE_NAME } from "../../protocol/limits.ts";
import type { WireQueue } from "../../protocol/wire-queue.ts";
import { record } from "./history.ts";
import { isPaused, isVisible, type LiveSource } from "./live.ts";

/** After a socket has closed, the next is opened this much later. ms. */
const AGAIN_MS = 10_000;
/** How often a silent socket is asked whether it is there, which the platform answers without waking the queue. ms. */
const PING_MS = 15_000;
/** Another part of the page may want the same queue at once. ms. */
const LINGER_MS = 1_000;
/** Between two questions whether delayed tasks have become ready. ms. */
const LEAST_WAIT_MS = 2_000;
/** What a timer can wait. */
const MOST_WAIT_MS = 2 ** 31 - 1;

type Message =
  | { readonly op: "queue"; readonly queue: WireQueue | null; readonly nextAt: number | null; readonly written: number }
  | { readonly op: "sync" }
  | { readonly op?: undefined; readonly problem?: unknown };

class QueueWatch implements LiveSource {
  readonly isOpen = signal(false);
  readonly changes = signal(0);
  readonly #name: string;
  /** Parts of the page that want it. */
  readonly #users = signal(0);
  #latest: { readonly queue: WireQueue; readonly at: number } | null = null;
  #socket: WebSocket | null = null;
  #isQuiet = false;
  #next: ReturnType<typeof setTimeout> | undefined;

  constructor(name: string) {
    this.#name = name;
    setInterval(() => this.#ping(), PING_MS);
    effect(() => {
      if (this.#users.value > 0 && isVisible.value && !isPaused.value) this.#open();
      else this.#close();
    });
  }

  /** @returns ends the use */
  use(): () => void {
    this.#users.value += 1;
    return () => setTimeout(() => (this.#users.value -= 1), LINGER_MS);
  }

  /** What was told last, as it is by now; null: nothing was, so that it must be asked for. */
  latest(): WireQueue | null {
    if (this.#latest === null || !this.isOpen.peek()) return null;
    const { queue, at } = this.#latest;
    const { oldestReadyAgeMs: ageMs } = queue.stats;
    record(this.#name, queue.settings.deadLetterQueue, queue.stats, Date.now());
    if (ageMs === null) return queue;
    return { ...queue, stats: { ...queue.stats, oldestReadyAgeMs: ageMs + Date.now() - at } };
  }

  /** What was told last is no longer so: the reader has changed something. */
  forget(): void {
    this.#latest = null;
    this.#ask();
  }

  #open(): void {
    // Asking says why there is no queue of such a name; a socket is refused without a word.
    if (this.#socket !== null || !QUEUE_NAME.test(this.#name)) return;
    clearTimeout(this.#next);
    const address = `${location.origin.replace(/^http/, "ws")}/v1/queues/${encodeURIComponent(this.#name)}/socket`;
    const socket = new WebSocket(address);
    this.#socket = socket;
    socket.addEventListener("open", () => this.#ask());
    socket.addEventListener("message", ({ data }) => this.#heard(String(data)));
    socket.addEventListener("close", () => {
      if (this.#socket !== socket) return;
      this.#close();
      this.#next = setTimeout(() => {
        if (this.#users.peek() > 0 && isVisible.peek() && !isPaused.peek()) this.#open();
      }, AGAIN_MS);
    });
  }

  #close(): void {
    clearTimeout(this.#next);
    const socket = this.#socket;
    this.#socket = null;
    this.isOpen.value = false;
    this.#latest = null;
    socket?.close();
  }

  #ask(): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(`{"id":1,"op":"watch"}`);
  }

  #ping(): void {
    if (this.#socket?.readyState !== WebSocket.OPEN) return;
    // Its other end has gone without a word.
    if (this.#isQuiet) this.#socket.close();
    this.#isQuiet = true;
    this.#socket.send("ping");
  }

  #heard(frame: string): void {
    this.#isQuiet = false;
    if (frame === "pong") return;
    for (const message of [JSON.parse(frame) as Message | Message[]].flat()) this.#take(message);
  }

  #take(message: Message): void {
    // Shows the server that all before it was read.
    if (message.op === "sync") this.#socket?.send(JSON.stringify(message));
    // A server of an earlier version, or a token that may not look: asking says why.
    else if (message.op === undefined) {
      if (message.problem !== undefined) this.#socket?.close();
    } else if (message.queue === null) this.#close();
    else {
      const { queue, nextAt } = message;
      this.#latest = { queue, at: Date.now() };
      this.isOpen.value = true;
      this.changes.value += 1;
      clearTimeout(this.#next);
      if (nextAt === null) return;
      const waitMs = Math.min(MOST_WAIT_MS, Math.max(LEAST_WAIT_MS, nextAt + 1 - Date.now()));
      this.#next = setTimeout(() => this.#ask(), waitMs);
    }
  }
}

const watches = new Map<string, QueueWatch>();

/** The watch of a queue, as long as the calling part is on the page. */
export function useWatch(name: string): QueueWatch {
  let watch = watches.get(name);
  if (watch === undefined) watches.set(name, (watch = new QueueWatch(name)));
  const watched = watch;
  useEffect(() => watched.use(), [watched]);
  return watched;
}
