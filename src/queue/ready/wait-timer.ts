// Wakes the queue for claims that wait in requests. They keep the object awake, so that a timer costs nothing, and an alarm would.

import type { QueueHost } from "../queue-host.ts";

export class WaitTimer {
  readonly #host: Pick<QueueHost, "later">;
  readonly #ring: () => void;
  #set: { readonly at: number; readonly cancel: () => void } | null = null;

  constructor(host: Pick<QueueHost, "later">, ring: () => void) {
    this.#host = host;
    this.#ring = ring;
  }

  /** The one instant at which it rings; null: never. */
  set(at: number | null, now: number): void {
    if (this.#set?.at === at) return;
    this.#set?.cancel();
    this.#set = null;
    if (at === null) return;
    const cancel = this.#host.later(Math.max(0, at - now), () => {
      this.#set = null;
      this.#ring();
    });
    this.#set = { at, cancel };
  }
}
