// Plain tasks on their way into rows: those with successive keys share one, within a run's limits. Enqueues that arrive in one
// turn gather here, so that a busy queue of single tasks writes runs too.

import { LIMITS } from "../core/limits.ts";
import type { QueueState } from "./state.ts";

export class PlainRow {
  #payloads: string[] = [];
  #firstSeq = 0;
  #bytes = 0;
  readonly #state: QueueState;

  constructor(state: QueueState) {
    this.#state = state;
  }

  /** @param payload JSON text, which has no line breaks */
  add(seq: number, payload: string): void {
    const isFull =
      this.#payloads.length >= LIMITS.runTasks ||
      this.#bytes + payload.length > LIMITS.runBytes ||
      seq !== this.#firstSeq + this.#payloads.length;
    if (isFull) this.write();
    if (this.#payloads.length === 0) this.#firstSeq = seq;
    this.#payloads.push(payload);
    this.#bytes += payload.length;
    this.#state.plainTo = seq;
  }

  write(): void {
    if (this.#payloads.length > 0) this.#state.tasks.insertPlain(this.#firstSeq, this.#payloads);
    this.#payloads = [];
    this.#bytes = 0;
  }
}
