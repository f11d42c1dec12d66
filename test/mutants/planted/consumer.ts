// Faults planted in src/consumer.

import type { Mutant } from "../mutant.ts";

const plant = (name: string, file: string, search: string, replace: string): Mutant => ({
  name,
  file: `src/consumer/${file}`,
  search,
  replace,
  suites: ["consumer"],
});

export const CONSUMER_MUTANTS: readonly Mutant[] = [
  plant(
    "a task whose claim is lost is acked all the same",
    "consumer.ts",
    "if (held.isLost) {\n      this.#letGo(held);\n      return;\n    }",
    "",
  ),
  plant(
    "a task that is waiting and lost keeps its room",
    "consumer.ts",
    "if (this.#waiting.delete(held)) this.#letGo(held);",
    "this.#waiting.delete(held);",
  ),
  plant(
    "a settled task keeps its room",
    "consumer.ts",
    "    this.#held -= 1;\n    this.#source.letGo(task);",
    "    this.#source.letGo(task);",
  ),
  plant(
    "what came over a socket counts against its credit for ever",
    "consumer.ts",
    "    this.#source.letGo(task);",
    "",
  ),
  plant(
    "claims are kept for less than they last",
    "keeper.ts",
    "if (held.deadlineAt <= now) this.#lose(held);",
    "if (held.extendAt <= now) this.#lose(held);",
  ),
  plant("a claim that has run out is not noticed", "keeper.ts", "      this.#loseExpired();\n", ""),
  plant("claims are never extended", "keeper.ts", "      this.#extendDue();\n", ""),
  plant(
    "what is given back counts an attempt",
    "consumer.ts",
    "{ task: held.task, release: true }",
    "{ task: held.task }",
  ),
  plant("the pause of the breaker never grows", "breaker.ts", "    this.#opened += 1;\n", ""),
  plant(
    "half open, every task is a probe",
    "breaker.ts",
    "return running === 0 ? Math.min(1, capacity) : 0;",
    "return capacity;",
  ),
  plant(
    "after a lapse no credit is asked for again",
    "socket-source.ts",
    "            // The credit is gone; whoever waits asks for it again.\n            this.#credit = 0;\n",
    "",
  ),
  plant(
    "what is pushed while the consumer rests is kept",
    "socket-source.ts",
    "    if (this.#isResting) {\n      this.#giveBack(tasks);\n      return;\n    }\n",
    "",
  ),
  plant(
    "handlers that began later have no end",
    "handler-limits.ts",
    "this.#clear = this.#clock.after(at - now, () => this.#ring());",
    "",
  ),
];
