// The socket over which a queue sends the page its state (docs/socket.md): one for the queue that is looked at. Where no socket can be
// opened, the page asks instead.

import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { QUEUE_NAME } from "../../protocol/limits.ts";
import type { WireQueue } from "../../protocol/wire-queue.ts";
import { record } from "./history.ts";
import type { LiveSource } from "./live.ts";
import { PageSocket } from "./page-socket.ts";

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
  readonly #socket: PageSocket;
  #latest: { readonly queue: WireQueue; readonly at: number } | null = null;
  #next: ReturnType<typeof setTimeout> | undefined;

  constructor(name: string) {
    this.#name = name;
    this.#socket = new PageSocket(`/v1/queues/${encodeURIComponent(name)}/socket`, {
      opened: () => this.#ask(),
      heard: (frame) => {
        for (const message of [JSON.parse(frame) as Message | Message[]].flat()) this.#take(message);
      },
      closed: () => {
        clearTimeout(this.#next);
        this.isOpen.value = false;
        this.#latest = null;
      },
    });
  }

  /** @returns ends the use */
  use(): () => void {
    // Asking says why there is no queue of such a name; a socket is refused without a word.
    return QUEUE_NAME.test(this.#name) ? this.#socket.use() : () => {};
  }

  /** The last state received, aged to now; null: none was, so that it must be asked for. */
  latest(): WireQueue | null {
    if (this.#latest === null || !this.isOpen.peek()) return null;
    const { queue, at } = this.#latest;
    const { oldestReadyAgeMs: ageMs } = queue.stats;
    record(this.#name, queue.settings.deadLetterQueue, queue.stats, Date.now());
    if (ageMs === null) return queue;
    return { ...queue, stats: { ...queue.stats, oldestReadyAgeMs: ageMs + Date.now() - at } };
  }

  /** The last state received is out of date: the reader has changed something. */
  forget(): void {
    this.#latest = null;
    this.#ask();
  }

  #ask(): void {
    this.#socket.send(`{"id":1,"op":"watch"}`);
  }

  #take(message: Message): void {
    // Shows the server that all before it was read.
    if (message.op === "sync") this.#socket.send(JSON.stringify(message));
    // A server of an earlier version, or a token that may not look: asking says why.
    else if (message.op === undefined) {
      if (message.problem !== undefined) this.#socket.reopen();
    } else if (message.queue === null) this.#socket.end();
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
