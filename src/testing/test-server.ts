// An edgeq server in the test's own process: queues in memory under the server's rules, in a time that only the test moves.

import type { InputOf, OperationName } from "../core/operation.ts";
import { parsed } from "../api/invalid.ts";
import type { Operation } from "../api/operation.ts";
import { OPERATIONS } from "../api/operation-table.ts";
import { invalidProblem, refusalProblem } from "../api/refusal-problem.ts";
import { jsonBody } from "../client/payload.ts";
import { Queue } from "../client/queue.ts";
import type { QueueOptions } from "../client/queue-options.ts";
import type { ClaimedTask } from "../client/task.ts";
import type { CallOptions, CallOutcome, Transport } from "../client/transport.ts";
import { PROBLEMS, type Problem } from "../protocol/problem.ts";
import type { WireAnswer, WireBody, WireOperationName } from "../protocol/wire-operations.ts";
import { DIRECTORY, type Message, type ReceiveOutcome } from "../queue/queue.ts";
import { batchContext, type BatchHandler, type Handler } from "../consumer/consume.ts";
import { EnqueuedLog, type EnqueuedTask } from "./enqueued-log.ts";
import { MemoryQueue } from "./memory-queue.ts";
import { sqlite } from "./memory-sql.ts";
import { TestConsumer, type TestConsumerOptions } from "./test-consumer.ts";

export interface TestServerOptions {
  /** The time at the start. ms since the Unix epoch, an integer from 2025 on; default: the present. */
  readonly now?: number;
}

/** How a queue of a TestServer is made: as any `Queue`, without the ways to reach a server. */
export type TestQueueOptions<Payload, Claimed> = Omit<
  QueueOptions<Payload, Claimed>,
  "url" | "token" | "fetch" | "binding" | "transport"
>;

/** Nothing before this has a task id. */
const EARLIEST_AT = Date.UTC(2025, 0, 1);
/** One call of `advance` stops at as many instants; more is a queue that is never done. */
const MOST_INSTANTS = 1_000_000;

export class TestServer implements Transport {
  readonly #queues = new Map<string, MemoryQueue>();
  readonly #log = new EnqueuedLog();
  #tickets = 0;
  #now: number;

  /** Throws RangeError for a `now` that is none, and Error on a Node before 22.13, which has no SQLite. */
  constructor({ now = Date.now() }: TestServerOptions = {}) {
    // Said here: a call of a queue would report it as a server that does not answer, and try again.
    sqlite();
    if (!Number.isSafeInteger(now) || now < EARLIEST_AT) {
      throw new RangeError(`now: given ${now}, allowed: an integer from ${EARLIEST_AT} (ms since the Unix epoch)`);
    }
    this.#now = now;
  }

  /** The server's time. ms since the Unix epoch; it stands still until `advance`. */
  get now(): number {
    return this.#now;
  }

  /**
   * A client of a queue of this server, the same class as `edgeq/client` has: hand it to the code under test.
   *
   * @param options as for `Queue`, without `url` and `token`. Throws InvalidOptionError for a wrong one.
   */
  queue<Payload = unknown, Claimed = Payload>(
    name: string,
    options?: TestQueueOptions<Payload, Claimed>,
  ): Queue<Payload, Claimed> {
    return new Queue(name, { ...options, transport: this } as QueueOptions<Payload, Claimed>);
  }

  /** What was enqueued into a queue so far, in order, also what is done by now. Known ids were not written, and are not in it. */
  enqueued<Payload = unknown>(queue: string): readonly EnqueuedTask<Payload>[] {
    return this.#log.of(queue) as readonly EnqueuedTask<Payload>[];
  }

  /**
   * Moves the time, doing all that comes due on the way at its own instant: delays end, claims expire, tasks move.
   *
   * @param ms an integer, 0 or more. Throws RangeError for another.
   */
  async advance(ms: number): Promise<void> {
    if (!Number.isSafeInteger(ms) || ms < 0) {
      throw new RangeError(`ms: given ${ms}, allowed: an integer, 0 or more`);
    }
    const until = this.#now + ms;
    for (let instants = 0; instants < MOST_INSTANTS; instants += 1) {
      await this.#settle();
      const nextAt = Math.min(...[...this.#queues.values()].map((queue) => queue.nextAt() ?? Number.POSITIVE_INFINITY));
      if (nextAt > until) {
        this.#now = until;
        await this.#settle();
        return;
      }
      this.#now = Math.max(this.#now + 1, nextAt);
    }
    throw new Error(`advance: something was due at ${MOST_INSTANTS} instants within ${ms} ms`);
  }

  /**
   * A consumer of one task a step, driven by the test.
   *
   * @param handler as for `consume`
   */
  consumer<Payload>(handler: Handler<Payload>, options: TestConsumerOptions<Payload>): TestConsumer<Payload> {
    const one = { ...options, maxItems: 1 };
    return new TestConsumer<Payload>(this, (unit) => handler(unit.tasks[0] as ClaimedTask<Payload>, unit), one);
  }

  /**
   * A consumer of up to `maxItems` tasks a step, driven by the test.
   *
   * @param handler as for `consumeBatches`
   */
  batchConsumer<Payload>(handler: BatchHandler<Payload>, options: TestConsumerOptions<Payload>): TestConsumer<Payload> {
    return new TestConsumer<Payload>(this, (unit) => handler(unit.tasks, batchContext(unit)), options);
  }

  /** For `Queue`: one call, one outcome. Bodies are read, and answers written, as the server does it. */
  async call<Name extends WireOperationName>(
    queue: string,
    operation: Name,
    body: WireBody<Name>,
    { signal }: CallOptions,
  ): Promise<CallOutcome<WireAnswer<Name>>> {
    signal?.throwIfAborted();
    const { parse } = OPERATIONS[operation] as Operation<OperationName>;
    // As it would travel, and as it is now: what the code under test makes of its objects later is not what it sent.
    const sent = JSON.parse(jsonBody(body)) as WireBody<Name>;
    const read = parsed(() => parse(sent));
    if (read.kind === "invalid") return asProblem(invalidProblem(read));
    const asked = this.#queue(queue);
    this.#tickets += 1;
    const ticket = `ticket-${this.#tickets}`;
    const leave = (): void => void asked.leave(ticket);
    signal?.addEventListener("abort", leave);
    const input = operation === "claim" ? { ...(read.value as InputOf<"claim">), ticket } : read.value;
    const answer = await asked.answer<OperationName>(operation, input);
    signal?.removeEventListener("abort", leave);
    signal?.throwIfAborted();
    if (typeof answer !== "string") return asProblem(refusalProblem(answer));
    const value = JSON.parse(answer) as WireAnswer<Name>;
    this.#log.note(queue, operation, sent, value, this.#now);
    await this.#settle();
    return { kind: "answer", answer: value };
  }

  #queue(name: string): MemoryQueue {
    const existing = this.#queues.get(name);
    if (existing !== undefined) return existing;
    const queue = new MemoryQueue(name, {
      now: () => this.#now,
      deliver: (sender, receiver, messages) => this.#deliver(sender, receiver, messages),
    });
    this.#queues.set(name, queue);
    return queue;
  }

  /** Until nothing more is on its way at this instant. */
  async #settle(): Promise<void> {
    for (let isBusy = true; isBusy;) {
      isBusy = false;
      for (const queue of this.#queues.values()) if (await queue.settle()) isBusy = true;
    }
  }

  #deliver(sender: string, receiver: string, messages: readonly Message[]): Promise<ReceiveOutcome> {
    // There is no list of queues to keep here.
    if (receiver === DIRECTORY) return Promise.resolve({ kind: "received", upTo: messages.at(-1)?.seq ?? 0 });
    return this.#queue(receiver).receive(sender, messages);
  }
}

function asProblem(document: Problem): Extract<CallOutcome<never>, { kind: "problem" }> {
  return { kind: "problem", problem: document, retryAfterMs: PROBLEMS[document.code].retryable ? 0 : null };
}
