// A task whose claim this consumer holds, as far as it knows.

import type { ClaimedTask } from "../client/task.ts";

export class HeldTask<Payload> {
  readonly task: ClaimedTask<Payload>;
  /**
   * When the claim ends if nothing is done, by this machine's clock: counted from when the answer came, so that a server's
   * clock that goes wrong does not matter. Late by the answer's way here, for which the server's fence (P4) is there.
   */
  deadlineAt: number;
  extendAt: number;
  /** An extend is on its way. */
  isExtending = false;
  #loss: (() => void)[] | null = [];

  constructor(task: ClaimedTask<Payload>, deadlineAt: number, extendAt: number) {
    this.task = task;
    this.deadlineAt = deadlineAt;
    this.extendAt = extendAt;
  }

  get isLost(): boolean {
    return this.#loss === null;
  }

  /** Once, when the claim is lost; at once if it is. */
  onLost(listener: () => void): void {
    if (this.#loss === null) listener();
    else this.#loss.push(listener);
  }

  lose(): void {
    const listeners = this.#loss ?? [];
    this.#loss = null;
    for (const listener of listeners) listener();
  }
}
