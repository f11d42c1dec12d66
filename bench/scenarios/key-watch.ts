// Watches the tasks that consumers have in hand: whether a key ever has more than one at a time, and whether each key's come in
// order. It sees what a user sees, so a limit that is broken only inside a server goes unseen.
import type { KeyedTask } from "./keyed-queue.ts";

export class KeyWatch {
  handled = 0;
  /** The most that any key had in hand beyond one. */
  longestOvershoot = 0;
  /** Tasks handed over after a later one of their key. */
  orderViolations = 0;
  readonly #inHand = new Map<number, number>();
  readonly #last = new Map<number, number>();

  begin({ key, number }: KeyedTask): void {
    const inHand = (this.#inHand.get(key) ?? 0) + 1;
    this.#inHand.set(key, inHand);
    this.longestOvershoot = Math.max(this.longestOvershoot, inHand - 1);
    if (number < (this.#last.get(key) ?? -1)) this.orderViolations += 1;
    else this.#last.set(key, number);
  }

  /** Before it is acked: from then on another of its key may come. */
  end({ key }: KeyedTask): void {
    this.#inHand.set(key, (this.#inHand.get(key) ?? 0) - 1);
    this.handled += 1;
  }
}
