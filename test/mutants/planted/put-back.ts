// Faults planted in what a queue does that was put back to an earlier moment.

import type { Mutant } from "../mutant.ts";

const plant = (name: string, file: string, search: string, replace: string): Mutant => ({
  name,
  file: `src/queue/${file}`,
  search,
  replace,
  suites: ["rules", "rewinds"],
});

export const PUT_BACK_MUTANTS: readonly Mutant[] = [
  plant(
    "a claim token of an earlier life settles",
    "claims/held-claim.ts",
    "ref.tag === state.row?.tag ? state.claims.held(ref, now) : undefined",
    "state.claims.held(ref, now)",
  ),
  plant("a new incarnation keeps the tag", "begin-life.ts", "    tag: newTag(() => state.chance.random()),\n", ""),
  plant("a new incarnation may use message numbers again", "mail/outbox.ts", "firstKeyAt(now + PASSED_MS)", "0"),
  plant(
    "of messages that were taken back the last alone is remembered",
    "mail/receive.ts",
    "withdrawn.slice(0, LIMITS.inboxWithdrawn - 1)",
    "[]",
  ),
];
