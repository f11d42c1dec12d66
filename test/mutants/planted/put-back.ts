// Faults planted in what a queue does that was put back to an earlier moment.

import type { Mutant } from "../mutant.ts";

const plant = (
  name: string,
  file: string,
  search: string,
  replace: string,
  suites: Mutant["suites"] = ["rules", "rewinds"],
): Mutant => ({ name, file: `src/${file}`, search, replace, suites });

/** What the directory does about it runs on real objects, and in the simulation. */
const BY_DIRECTORY = ["http", "rewinds"] as const;

export const PUT_BACK_MUTANTS: readonly Mutant[] = [
  plant(
    "a claim token of an earlier life settles",
    "queue/claims/held-claim.ts",
    "ref.tag === state.row?.tag ? state.claims.held(ref, now) : undefined",
    "state.claims.held(ref, now)",
  ),
  plant(
    "a new incarnation keeps the tag",
    "queue/begin-life.ts",
    "    tag: newTag(() => state.chance.random()),\n",
    "",
  ),
  plant("a new incarnation may use message numbers again", "queue/mail/outbox.ts", "firstKeyAt(now + aheadMs)", "0"),
  plant(
    "a queue that is put back again passes over no more numbers than the first time",
    "queue/mail/outbox.ts",
    "Math.min(times, MOST_PASSED)",
    "Math.min(1, MOST_PASSED)",
  ),
  plant(
    "of messages that were taken back the last alone is remembered",
    "queue/mail/receive.ts",
    "withdrawn.slice(0, LIMITS.inboxWithdrawn - 1)",
    "[]",
  ),
  plant(
    "a registration from before it was put back counts as that of a queue which was notified",
    "object/rewinds-under-way.ts",
    "timesPutBack !== undefined && timesPutBack === this.#timesOf(name)",
    "timesPutBack !== null",
    BY_DIRECTORY,
  ),
  plant(
    "a queue that could not be notified is forgotten",
    "object/directory-object.ts",
    "this.#rewinds.again(name, now);",
    "this.#rewinds.ended(name);",
    BY_DIRECTORY,
  ),
  plant(
    "the alarm is not set for a queue that nobody has notified",
    "object/directory-object.ts",
    "    this.#alarm.arm(this.#rewinds.nextAt(), now);\n",
    "",
    BY_DIRECTORY,
  ),
];
