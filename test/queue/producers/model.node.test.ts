// Random calls, repeated late and out of order, over restarts and refusals, against a model of what a queue remembers (P10).

import { fc } from "../../random/fc.ts";
import { expect, test } from "vitest";
import { LIMITS } from "../../../src/core/limits.ts";
import type { OutcomeOf } from "../../../src/core/operation.ts";
import { configure, counts, task } from "../../contract/builders.ts";
import { MemoryQueue } from "../../node/memory-queue.ts";
import { modelRuns } from "../model-runs.ts";

const RUNS = modelRuns(100, 40);
const DEDUPE_MS = 1_000;

type Answer = OutcomeOf<"enqueue">;

/** What is remembered of a producer. */
interface ModelProducer {
  from: number;
  readonly calls: Map<number, { readonly content: string; readonly answer: Answer }>;
  /** At least DEDUPE_MS after its last call, at most twice that: it is moved when less than the least is left. */
  endsAt: number;
}

const operation = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({
      kind: fc.constant("call" as const),
      producer: fc.constantFrom("a", "b"),
      /** Most are among the last few of their producer. */
      number: fc.integer({ min: 1, max: 12 }),
      fromBelow: fc.option(fc.integer({ min: 0, max: 3 }), { nil: undefined }),
      /** Two clients that claim one name ask for different things under one number. */
      client: fc.constantFrom("one", "one", "one", "two"),
      size: fc.constantFrom(1, 1, 3, LIMITS.runTasks + 1),
      known: fc.boolean(),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("advance" as const), ms: fc.integer({ min: 1, max: 900 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("silence" as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("restart" as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("sweep" as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("full" as const), isFull: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("purge" as const) }) },
);
type Operation = typeof operation extends fc.Arbitrary<infer Value> ? Value : never;

class Model {
  readonly #queue: MemoryQueue;
  readonly #producers = new Map<string, ModelProducer>();
  #isFull = false;
  #tasks = 0;

  constructor(queue: MemoryQueue) {
    this.#queue = queue;
  }

  async apply(one: Operation): Promise<void> {
    const queue = this.#queue;
    switch (one.kind) {
      case "call":
        await this.#call(one);
        break;
      case "advance":
        queue.advance(one.ms);
        break;
      case "silence":
        queue.advance(2 * DEDUPE_MS);
        break;
      case "restart":
        await queue.restart();
        break;
      case "sweep":
        await queue.sweep();
        break;
      case "full":
        this.#isFull = one.isFull;
        await configure(queue, { maxBacklog: one.isFull ? 1 : null });
        break;
      case "purge":
        await queue.operate("purge", null);
        this.#tasks = 0;
        break;
      default:
        one satisfies never;
    }
    expect(await counts(queue)).toEqual([this.#tasks, 0, 0, 0]);
  }

  async #call({
    producer,
    number,
    fromBelow,
    client,
    size,
    known,
  }: Extract<Operation, { kind: "call" }>): Promise<void> {
    const now = this.#queue.now();
    const from = fromBelow === undefined ? undefined : Math.max(1, number - fromBelow);
    const tasks = Array.from({ length: size }, (_, index) => task(`${client} ${number} ${index}`));
    const content = `${client} ${size}`;
    const call = { producer, number, known, ...(from !== undefined && { from }) };
    const answer = await this.#queue.operate("enqueue", { tasks, call });
    const remembered = this.#producers.get(producer);
    const isOver = remembered !== undefined && now >= remembered.endsAt;
    this.#expected(answer, isOver ? undefined : remembered, { producer, number, from, content, size, known, now });
  }

  #expected(
    answer: Answer,
    remembered: ModelProducer | undefined,
    call: {
      readonly producer: string;
      readonly number: number;
      readonly from: number | undefined;
      readonly content: string;
      readonly size: number;
      readonly known: boolean;
      readonly now: number;
    },
  ): void {
    const { producer, number, from = 0, content, size, known, now } = call;
    const made = remembered?.calls.get(number);
    if (made !== undefined) {
      expect(answer).toEqual(made.content === content ? made.answer : { kind: "call-reused", number });
      return;
    }
    if (remembered === undefined && known) {
      expect(answer).toEqual({ kind: "call-forgotten", number, from: null });
      return;
    }
    if (remembered !== undefined && number < remembered.from) {
      expect(answer).toEqual({ kind: "call-forgotten", number, from: remembered.from });
      return;
    }
    if (this.#isFull && this.#tasks + size > 1) {
      expect(answer.kind).toBe("queue-full");
      return;
    }
    expect(answer.kind).toBe("enqueued");
    this.#tasks += size;
    const kept = remembered ?? { from: 1, calls: new Map<number, never>(), endsAt: 0 };
    kept.calls.set(number, { content, answer });
    if (kept.endsAt < now + DEDUPE_MS) kept.endsAt = now + 2 * DEDUPE_MS;
    kept.from = Math.max(kept.from, from);
    for (const other of kept.calls.keys()) if (other < kept.from) kept.calls.delete(other);
    this.#producers.set(producer, kept);
  }
}

test(
  "a queue remembers calls as the model does",
  async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(operation, { minLength: 1, maxLength: 60 }), async (operations) => {
        const queue = new MemoryQueue();
        await configure(queue, { dedupeMs: DEDUPE_MS, retentionMs: null });
        const model = new Model(queue);
        for (const one of operations) await model.apply(one);
      }),
      RUNS.parameters,
    );
  },
  RUNS.timeoutMs,
);
