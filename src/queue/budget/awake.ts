// How long the object is kept awake, as far as the queue can know: by its turns, by claims that wait, since they wait by a timer, and
// by what goes on in the background.

import type { Meter } from "./meter.ts";

export class Awake {
  #inBackground = 0;
  readonly #meter: Meter;
  readonly #parked: { readonly size: number };
  readonly #clock: { now(): number };

  /** @param parked claims that wait by a timer */
  constructor(meter: Meter, parked: { readonly size: number }, clock: { now(): number }) {
    this.#meter = meter;
    this.#parked = parked;
    this.#clock = clock;
  }

  /** The same work, which is counted until it ends. */
  during(work: Promise<void>): Promise<void> {
    this.#inBackground += 1;
    return work.finally(() => {
      this.#inBackground -= 1;
      this.rests();
    });
  }

  /** A turn has ended, or other work has. */
  rests(): void {
    this.#meter.rests(this.#inBackground > 0 || this.#parked.size > 0, this.#clock.now());
  }
}
