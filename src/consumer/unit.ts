// A unit of work: the tasks of one call of the handler, what the handler said of them, and the signal it runs under.

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
  /** null: done. The first word about a task counts. Most handlers say none. */
  #said: Map<ClaimedTask<Payload>, { readonly error: unknown } | null> | undefined;

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
    return this.held.some((one) => one.task === task && !one.isLost);
  }

  done(task: ClaimedTask<Payload>): void {
    this.#say(task, null);
  }

  fail(task: ClaimedTask<Payload>, error: unknown): void {
    this.#say(task, { error });
  }

  #say(task: ClaimedTask<Payload>, said: { readonly error: unknown } | null): void {
    this.#said ??= new Map();
    if (!this.#said.has(task)) this.#said.set(task, said);
  }

  /** What the task failed with; null: it is done. @param failure how the handler as a whole failed; null: it did not */
  verdict(task: ClaimedTask<Payload>, failure: { readonly error: unknown } | null): { readonly error: unknown } | null {
    const said = this.#said?.get(task);
    return said === undefined ? failure : said;
  }
}
