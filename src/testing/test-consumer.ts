// A consumer that a test drives step by step: it claims, calls the handler and settles as `consume` does, but only when the
// test asks, and returns what became of each task.

import type { NackOptions } from "../client/claims.ts";
import { ClaimLostError } from "../client/edgeq-error.ts";
import type { Queue } from "../client/queue.ts";
import { problemError } from "../client/problem-error.ts";
import type { ClaimedTask } from "../client/task.ts";
import type { Transport } from "../client/transport.ts";
import { failureFate } from "../consumer/failure-fate.ts";
import { HeldTask } from "../consumer/held-task.ts";
import { Unit, type UnitHandler } from "../consumer/unit.ts";
import type { WireLanes } from "../protocol/wire-operations.ts";

export interface TestConsumerOptions<Payload> {
  /** The queue that tasks are taken from, made by `TestServer.queue`. */
  readonly queue: Pick<Queue<unknown, Payload>, "name" | "accept" | "ack" | "nack">;
  /** As for `consume`. */
  readonly lanes?: WireLanes;
  /** As for `consume`. ms, default 30,000. */
  readonly claimTimeoutMs?: number;
  /** As for `consume`. */
  readonly backoff?: (error: unknown, task: ClaimedTask<Payload>) => number | undefined;
  /** Tasks of one step, for a handler of batches. 1 to 1,000, default 100. */
  readonly maxItems?: number;
}

/** What became of a task. */
export type Step<Payload = unknown> = { readonly task: ClaimedTask<Payload> } & (
  | { readonly kind: "acked" }
  /** The attempt failed, and the task is offered again from `visibleAt` (ms since the Unix epoch). */
  | { readonly kind: "failed"; readonly error: unknown; readonly visibleAt: number }
  /** Given back until `visibleAt`, no attempt counted; after `rateLimited`, all tasks of its key rest as long. */
  | { readonly kind: "snoozed"; readonly error: unknown; readonly visibleAt: number }
  /** No further attempt: the last one failed, the handler asked for this, or the payload does not fit the schema. */
  | { readonly kind: "dead"; readonly error: unknown }
  /** The claim ended while the handler ran. */
  | { readonly kind: "lost" }
);

/** Steps of `drain`: a handler that always fails without a delay would otherwise never end. */
const MOST_STEPS = 100_000;

export class TestConsumer<Payload = unknown> {
  readonly #transport: Transport;
  readonly #handler: UnitHandler<Payload>;
  readonly #options: TestConsumerOptions<Payload>;

  constructor(transport: Transport, handler: UnitHandler<Payload>, options: TestConsumerOptions<Payload>) {
    this.#transport = transport;
    this.#handler = handler;
    this.#options = options;
  }

  /**
   * Takes what is ready now, one task or a batch, and runs the handler over it to its end. The handler's time limit is the
   * test's own.
   *
   * @returns what became of each task; [] when nothing is ready. Rejects when the queue refuses, being paused for example
   */
  async step(): Promise<Step<Payload>[]> {
    const { queue, lanes, claimTimeoutMs = 30_000, maxItems = 100 } = this.#options;
    const body = { max: maxItems, claimTimeoutMs, ...(lanes === undefined ? {} : { lanes }) };
    const outcome = await this.#transport.call(queue.name, "claim", body, {});
    if (outcome.kind === "problem") throw problemError(outcome.problem, outcome.retryAfterMs);
    const claimed = outcome.kind === "answer" ? outcome.answer.tasks : [];
    const refused: { task: ClaimedTask<Payload>; error: unknown; dead: boolean }[] = [];
    const tasks = await queue.accept(claimed, {
      onInvalid: (task, error, dead) => refused.push({ task: task as ClaimedTask<Payload>, error, dead }),
    });
    const steps: Step<Payload>[] = [];
    for (const { task, error, dead } of refused)
      steps.push(dead ? { kind: "dead", task, error } : await this.#afterNack(task, error, {}));
    return claimed.length === 0 ? steps : [...steps, ...(await this.#settleUnit(tasks))];
  }

  /** Steps until nothing is ready at this instant. @returns all that became of tasks, in order */
  async drain(): Promise<Step<Payload>[]> {
    const all: Step<Payload>[] = [];
    for (let steps = 0; steps < MOST_STEPS; steps += 1) {
      const some = await this.step();
      if (some.length === 0) return all;
      all.push(...some);
    }
    throw new Error(`drain: tasks are still ready after ${MOST_STEPS} steps`);
  }

  async #settleUnit(tasks: readonly ClaimedTask<Payload>[]): Promise<Step<Payload>[]> {
    if (tasks.length === 0) return [];
    const unit = new Unit(
      tasks.map((task) => new HeldTask(task, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY)),
      0,
    );
    let failure: { readonly error: unknown } | null = null;
    try {
      await this.#handler(unit);
    } catch (error) {
      failure = { error };
    }
    const steps: Step<Payload>[] = [];
    for (const task of tasks) steps.push(await this.#settle(task, unit.verdict(task, failure)));
    return steps;
  }

  async #settle(task: ClaimedTask<Payload>, verdict: { readonly error: unknown } | null): Promise<Step<Payload>> {
    const { queue, backoff } = this.#options;
    try {
      if (verdict === null) {
        await queue.ack(task);
        return { kind: "acked", task };
      }
      const { error } = verdict;
      const fate = failureFate(error, () => backoff?.(error, task), rethrow);
      await queue.nack(task, fate);
      return await this.#afterNack(task, error, fate);
    } catch (error) {
      if (!(error instanceof ClaimLostError)) throw error;
      // As in production: a handler may finish its task by a `modify` of its own.
      return { kind: verdict === null && error.code === "task-not-found" ? "acked" : "lost", task };
    }
  }

  async #afterNack(task: ClaimedTask<Payload>, error: unknown, fate: NackOptions): Promise<Step<Payload>> {
    const found = await this.#transport.call(this.#options.queue.name, "getTask", { id: task.id }, {});
    // Gone: it moved to the dead-letter queue.
    if (found.kind !== "answer" || found.answer.state === "dead") return { kind: "dead", task, error };
    const { visibleAt } = found.answer;
    const isSnoozed = fate.snooze === true || fate.limitKey === true;
    return { kind: isSnoozed ? "snoozed" : "failed", task, error, visibleAt };
  }
}

/** A backoff that throws is logged in production; a test is to fail over it. */
function rethrow(error: unknown): never {
  throw error;
}
