// Faults planted in src/object: the shell around the rules.

import type { Mutant } from "../mutant.ts";
import type { SuiteName } from "../suites.ts";

const plant = (
  name: string,
  file: string,
  search: string,
  replace: string,
  suites: readonly SuiteName[] = ["object", "simulation", "sockets", "http", "torture"],
): Mutant => ({ name, file: `src/object/${file}`, search, replace, suites });

export const OBJECT_MUTANTS: readonly Mutant[] = [
  plant(
    "the alarm is armed only once",
    "alarm-clock.ts",
    "  rang(): void {\n    this.#armedAt = null;\n",
    "  rang(): void {\n",
  ),
  plant(
    "an alarm that is sooner than the one that is set is not set",
    "alarm-clock.ts",
    "this.#armedAt <= ringAt && !isLost",
    "!isLost",
  ),
  plant(
    "an alarm that was lost is never set again",
    "alarm-clock.ts",
    "this.#armedAt !== null && this.#armedAt + LOST_AFTER_MS <= now",
    "false",
  ),
  plant(
    "credit is forgotten at eviction",
    "connection.ts",
    "      credit: this.#credit,\n",
    "      credit: { ...this.#credit, n: 0 },\n",
  ),
  plant(
    "tasks that a socket holds do not count against its credit",
    "connection.ts",
    "return this.#credit.n - this.#shared.queue.heldBy(this.id);",
    "return this.#credit.n;",
  ),
  plant(
    "after a lapse tasks are pushed on",
    "connection.ts",
    "this.grant({ ...this.#credit, n: 0 });",
    "this.grant({ ...this.#credit });",
  ),
  plant(
    "what a closing socket held is not given back",
    "sockets.ts",
    "if (connection.releases) this.#queue.release(connection.holder);",
    "void connection.releases;",
  ),
  plant(
    "a socket that closes makes no room for consumers that were held back",
    "sockets.ts",
    "    this.#requests.offerHeldBack();\n",
    "",
  ),
  plant(
    "batches under way to a Worker have no bound in bytes",
    "pusher.ts",
    " && this.#port.hasRoomBeside(this.#claimedBytes)",
    "",
  ),
  plant(
    "what was read is never taken off",
    "unread.ts",
    "    this.#held.unread.release(to - this.#readTo);\n    this.#readTo = to;\n",
    "",
  ),
  plant(
    "what a socket that is gone had unread counts for ever",
    "unread.ts",
    "    this.#held.unread.release(this.#bytes());\n",
    "",
  ),
];
