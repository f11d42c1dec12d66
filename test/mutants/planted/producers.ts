// Faults planted in what makes a numbered call once.

import type { Mutant } from "../mutant.ts";

const plant = (name: string, file: string, search: string, replace: string): Mutant => ({
  name,
  file: `src/queue/${file}`,
  search,
  replace,
  suites: ["rules"],
});

export const PRODUCER_MUTANTS: readonly Mutant[] = [
  plant(
    "the window of calls slides one call too early",
    "producers/call-window.ts",
    "this.#calls > LIMITS.producerCalls",
    "this.#calls >= LIMITS.producerCalls",
  ),
  plant(
    "a number is stored for a call whose tasks are not",
    "operations/enqueue.ts",
    'if (outcome !== LATER && outcome.kind === "enqueued")',
    'if (outcome !== LATER && outcome.kind !== "enqueued") remember(state, call, fingerprint, 1, now); else if (outcome !== LATER)',
  ),
  plant(
    "a repeat has the answer of another call",
    "producers/call-window.ts",
    "answer: answerAt(run, place)",
    "answer: run.answer",
  ),
  plant(
    "a call that was overtaken takes the fingerprint of another",
    "producers/call-window.ts",
    "if (place < length) words",
    "if (place < 0) words",
  ),
  plant(
    "a number used for something else has the answer of the first",
    "operations/once.ts",
    "isSame ?",
    "fingerprint >= 0 ?",
  ),
  plant(
    "numbers are forgotten at an eviction",
    "producers/producers.ts",
    "if (row === undefined) return null;",
    "if (row?.producer !== null) return null;",
  ),
  plant(
    "the window is not in the commit of its call",
    "state.ts",
    "    this.producers.write();",
    "    queueMicrotask(() => this.producers.write());",
  ),
  plant(
    "a number below the window is taken for a new one",
    "producers/producers.ts",
    'number < from ? { kind: "forgotten", from }',
    'number < 0 ? { kind: "forgotten", from }',
  ),
  plant(
    "a delayed task's repeat is answered as if it were made now",
    "operations/enqueue.ts",
    "{ whole: written } : [firstKey, now]",
    "{ whole: written } : firstKey",
  ),
  plant(
    "a flood of producers forgets those of another token",
    "producers/producers.ts",
    "counts.of(owner) >= LIMITS.producersOfToken",
    "counts.of(owner) >= Number.POSITIVE_INFINITY",
  ),
  plant(
    "a call that is to be known is made though its producer is forgotten",
    "producers/producers.ts",
    "return known === true ?",
    "return known === null ?",
  ),
  plant(
    "a producer's end does not move while it calls",
    "producers/producers.ts",
    "if (producer.endsAt < now + dedupeMs)",
    "if (producer.endsAt === 0)",
  ),
];
