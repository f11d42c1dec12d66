// Consumers that stand in line for tasks without an end: sockets with credit. The queue puts them back in line by itself when
// they have room again.

import { LIMITS } from "../../core/limits.ts";
import type { ClaimInput } from "../../core/operation.ts";
import type { ClaimedTask } from "../../core/task.ts";
import type { ClaimHolders } from "../claims/claim-holders.ts";
import type { Waiter, Waiters } from "./waiters.ts";

export interface Consumer {
  /** Its name in the rows of its claims. */
  readonly holder: string;
  /** What it claims, `max` at a time. */
  readonly input: ClaimInput;
  /** How many tasks it takes just now. */
  room(): number;
  /** In a turn: it is given tasks. If the turn fails they are not its own, and `TurnWatcher.rolledBack` is called. */
  take(tasks: readonly ClaimedTask[]): void;
  /** In a turn: a claim of its ran out, neither finished nor extended. */
  lapsed(): void;
}

export class Consumers {
  readonly #waiters: Waiters;
  readonly #byHolder = new Map<string, { consumer: Consumer; waiter: Waiter }>();
  /** Those that have joined since the last turn, by holder. */
  readonly #joining = new Map<string, Consumer>();

  constructor(waiters: Waiters) {
    this.#waiters = waiters;
  }

  get size(): number {
    return this.#byHolder.size + this.#joining.size;
  }

  /**
   * From the end of the turn on it stands in line whenever it has room, until it leaves. One of the same holder is replaced. However
   * often it joins in one turn, it takes its place once: in lanes of many priorities that walks over thousands of them.
   */
  join(consumer: Consumer): void {
    this.#joining.set(consumer.holder, consumer);
  }

  #stand(consumer: Consumer): void {
    this.leave(consumer.holder);
    const waiter: Waiter = {
      input: { ...consumer.input, holder: consumer.holder, leastTimeoutMs: LIMITS.pushTimeoutMs },
      until: Number.POSITIVE_INFINITY,
      room: () => consumer.room(),
      answer: (outcome) => {
        if (outcome.kind === "claimed" && outcome.tasks.length > 0) consumer.take(outcome.tasks);
        return consumer.room() > 0;
      },
    };
    this.#byHolder.set(consumer.holder, { consumer, waiter });
    this.offer(consumer.holder);
  }

  leave(holder: string): void {
    this.#joining.delete(holder);
    const known = this.#byHolder.get(holder);
    if (known === undefined) return;
    this.#waiters.remove(known.waiter);
    this.#byHolder.delete(holder);
  }

  /** It may have room again. */
  offer(holder: string): void {
    const known = this.#byHolder.get(holder);
    if (known !== undefined && known.consumer.room() > 0) this.#waiters.add(known.waiter);
  }

  /** In each turn, before those who wait are served: those who let a claim run out, and those who have room again. */
  refresh(holders: ClaimHolders, lapsed: Set<string>): void {
    for (const holder of lapsed) (this.#joining.get(holder) ?? this.#byHolder.get(holder)?.consumer)?.lapsed();
    lapsed.clear();
    for (const consumer of this.#joining.values()) this.#stand(consumer);
    for (const holder of holders.takeRelieved()) this.offer(holder);
  }
}
