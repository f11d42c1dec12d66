// A unit of work: the tasks of one call of the handler, how the handler settled them, and the signal it runs under.

import { InvalidOptionError } from "../client/edgeq-error.ts";
import type { ClaimedTask } from "../client/task.ts";
import { ClaimsLostError } from "./handler-error.ts";
import type { HeldTask } from "./held-task.ts";

/** Runs over one unit; whatever it answers with is ignored. */
export type UnitHandler<Payload> = (unit: Unit<Payload>) => unknown;

export class Unit<Payload> {
  readonly held: readonly HeldTask<Payload>[];
  readonly startedAt: number;
  /** null: nobody has asked for the signal. */
  #controller: AbortController | null = null;
  #abortedBy: Error | null = null;
  /** By claim, so that a copy of a task is known, too. null: done. The first `done` or `fail` for a task wins. Most handlers call neither. */
  #outcomes: Map<string, { readonly error: unknown } | null> | undefined;
  /** By claim; made when a handler asks. */
  #byClaim: Map<string, HeldTask<Payload>> | undefined;

  constructor(held: readonly HeldTask<Payload>[], startedAt: number) {
    this.held = held;
    this.startedAt = startedAt;
    let left = held.length;
    for (const one of held) {
      one.onLost(() => {
        left -= 1;
        if (left === 0) this.abort(new ClaimsLostError());
      });
    }
  }

  get signal(): AbortSignal {
    if (this.#controller === null) {
      this.#controller = new AbortController();
      if (this.#abortedBy !== null) this.#controller.abort(this.#abortedBy);
    }
    return this.#controller.signal;
  }

  get tasks(): ClaimedTask<Payload>[] {
    return this.held.map((one) => one.task);
  }

  abort(reason: Error): void {
    this.#abortedBy ??= reason;
    this.#controller?.abort(reason);
  }

  isHeld(task: ClaimedTask<Payload>): boolean {
    return this.#heldOf(task)?.isLost === false;
  }

  done(task: ClaimedTask<Payload>): void {
    this.#settle(task, null);
  }

  fail(task: ClaimedTask<Payload>, error: unknown): void {
    this.#settle(task, { error });
  }

  /** Throws for another task: passed over, the one that was meant would be acked. */
  #settle(task: ClaimedTask<Payload>, outcome: { readonly error: unknown } | null): void {
    if (this.#heldOf(task) === undefined) throw new InvalidOptionError("task", task, "a task of this batch");
    this.#outcomes ??= new Map();
    if (!this.#outcomes.has(task.claim)) this.#outcomes.set(task.claim, outcome);
  }

  #heldOf(task: ClaimedTask<Payload> | undefined): HeldTask<Payload> | undefined {
    this.#byClaim ??= new Map(this.held.map((one) => [one.task.claim, one]));
    return this.#byClaim.get(task?.claim ?? "");
  }

  /** What the task failed with; null: it is done. @param failure how the handler as a whole failed; null: it did not */
  verdict(task: ClaimedTask<Payload>, failure: { readonly error: unknown } | null): { readonly error: unknown } | null {
    const outcome = this.#outcomes?.get(task.claim);
    return outcome === undefined ? failure : outcome;
  }
}
