// Tasks that are claimed and not begun, in the order of their coming. One that is lost is taken out in a step, however many
// there are.

import type { HeldTask } from "./held-task.ts";

interface Waiting<Payload> {
  readonly held: HeldTask<Payload>;
  readonly since: number;
}

export class WaitingTasks<Payload> {
  /** In order; what was taken out before its turn is passed over when that comes. */
  #line: Waiting<Payload>[] = [];
  #head = 0;
  readonly #present = new Set<HeldTask<Payload>>();

  get size(): number {
    return this.#present.size;
  }

  /** When the first came; null: there is none. */
  get since(): number | null {
    return this.#first()?.since ?? null;
  }

  push(held: HeldTask<Payload>, since: number): void {
    this.#line.push({ held, since });
    this.#present.add(held);
  }

  /** Whether it was there. */
  delete(held: HeldTask<Payload>): boolean {
    return this.#present.delete(held);
  }

  /** Up to `max` of the first. */
  take(max: number): HeldTask<Payload>[] {
    const taken: HeldTask<Payload>[] = [];
    while (taken.length < max) {
      const first = this.#first();
      if (first === undefined) break;
      this.#head += 1;
      this.#present.delete(first.held);
      taken.push(first.held);
    }
    // Half of the array has been taken: the rest moves up, so that each task is moved about once.
    if (this.#head * 2 > this.#line.length) {
      this.#line = this.#line.slice(this.#head);
      this.#head = 0;
    }
    return taken;
  }

  #first(): Waiting<Payload> | undefined {
    for (; this.#head < this.#line.length; this.#head += 1) {
      const first = this.#line[this.#head];
      if (first !== undefined && this.#present.has(first.held)) return first;
    }
    return undefined;
  }
}
