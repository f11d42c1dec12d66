// Plain tasks on their way into rows: those with successive keys share one, within a run's limits. Enqueues that arrive in one
// turn gather here, so that a busy queue of single tasks writes runs too.

import { LIMITS } from "../../core/limits.ts";
import type { QueueState } from "../state.ts";

export class PlainRow {
  #payloads: string[] = [];
  #firstSeq = 0;
  #bytes = 0;
  /** Nothing plain is before it that has not been claimed. */
  #isNext = false;
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
    if (this.#payloads.length === 0) {
      this.#firstSeq = seq;
      this.#isNext = this.#state.readTo >= this.#state.plainTo;
    }
    this.#payloads.push(payload);
    this.#bytes += payload.length;
    this.#state.plainTo = seq;
  }

  write(): void {
    const payloads = this.#payloads;
    if (payloads.length === 0) return;
    const { tasks } = this.#state;
    tasks.insertPlain(this.#firstSeq, payloads);
    // About to be claimed, if somebody waits.
    if (this.#isNext) tasks.kept.keep({ seq: this.#firstSeq, payloads, isRun: payloads.length > 1 });
    this.#payloads = [];
    this.#bytes = 0;
  }
}
