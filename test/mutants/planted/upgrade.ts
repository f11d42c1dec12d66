// Faults planted in what opens and takes what earlier versions have left.

import type { Mutant } from "../mutant.ts";

const plant = (name: string, file: string, search: string, replace: string): Mutant => ({
  name,
  file: `src/${file}`,
  search,
  replace,
  suites: ["rules"],
});

export const UPGRADE_MUTANTS: readonly Mutant[] = [
  plant(
    "the oldest databases lack a column",
    "store/migrations.ts",
    "if (version > 1) addHolder(sql);",
    "if (version > 99) addHolder(sql);",
  ),
  plant("a step is taken again", "store/migrations.ts", "if (version <= reached) continue;", ""),
  plant("a database of a later version is opened", "store/migrations.ts", "reached > steps.length", "false"),
  plant(
    "a call that an earlier version has taken is another call",
    "queue/operations/once.ts",
    "|| isFormerFingerprint(taken.fingerprint, asked)",
    "|| isFormerFingerprint(-1, asked)",
  ),
  plant(
    "a call of plain tasks that the version before has taken is another call",
    "queue/producers/former-fingerprint.ts",
    "fingerprint === fingerprintOf(input) ||",
    "",
  ),
  plant(
    "a dead letter that says no version is not taken",
    "queue/mail/dead-letter.ts",
    "(task.version ?? UNTOLD_VERSION)",
    "(task.version ?? Number.NaN + UNTOLD_VERSION)",
  ),
];
