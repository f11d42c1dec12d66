// Faults planted in src/client.

import type { Mutant } from "../mutant.ts";

const plant = (name: string, file: string, search: string, replace: string): Mutant => ({
  name,
  file: `src/client/${file}`,
  search,
  replace,
  suites: ["client"],
});

export const CLIENT_MUTANTS: readonly Mutant[] = [
  plant(
    "a call without an answer is not remembered as one that may have taken effect",
    "caller.ts",
    `isRepeat ||= outcome.kind !== "problem"`,
    "isRepeat ||= false",
  ),
  plant(
    "a call is sent once more than allowed",
    "caller.ts",
    "attempt >= policy.attempts ||",
    "attempt > policy.attempts ||",
  ),
  plant(
    "what must not be repeated is repeated",
    "caller.ts",
    "!mayRetry(outcome, !!call || isRepeatable(operation, body))",
    "!mayRetry(outcome, true)",
  ),
  plant(
    "the wait that the server asks for is not kept",
    "caller.ts",
    "retryDelayMs(policy, attempt, askedMs, clock.random())",
    "retryDelayMs(policy, attempt, 0, clock.random())",
  ),
  plant(
    "an enqueue is not numbered, so that a retry writes it twice",
    "caller.ts",
    "NUMBERED.test(operation) &&",
    "!NUMBERED.test(operation) &&",
  ),
  plant(
    "a call gets another number",
    "numbering.ts",
    "const number = (this.#last += 1)",
    "const number = this.#last || 1",
  ),
  plant("the window begins too late", "numbering.ts", "const from = this.#from;", "const from = number;"),
];
