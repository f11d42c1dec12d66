// `npm run mutants`: plants one fault after another in a copy of the tree, and runs the suites that should find it. Prints which
// test found which fault, and exits with 1 if one was found by none. `--only TEXT`, once or more often, takes those whose name or
// file has it; `--by SUITE` runs that suite alone.

import { parseArgs } from "node:util";
import type { Mutant } from "./mutant.ts";
import { EVERY_MUTANT } from "./planted/every-mutant.ts";
import { SUITES, type SuiteName } from "./suites.ts";
import { TreeCopy } from "./tree-copy.ts";

const { values } = parseArgs({
  options: {
    only: { type: "string", multiple: true, default: [""] },
    /** Runs this suite alone, whatever others a mutant names. */
    by: { type: "string" },
    /** Says only whether each can be planted. */
    dry: { type: "boolean", default: false },
    /** Does not run the suites without a mutant first. */
    trust: { type: "boolean", default: false },
  },
});
const chosen = EVERY_MUTANT.filter(({ name, file }) => values.only.some((text) => `${file} ${name}`.includes(text)));
const tree = new TreeCopy();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(130));
process.once("exit", () => tree.remove());

// Before anything is run: one that cannot be planted is a mistake in the list.
for (const mutant of chosen) tree.plant(mutant)();
console.log(`${chosen.length} mutants can be planted`);
if (!values.dry) {
  if (!values.trust) await runWithoutMutants();
  const survivors = await runMutants();
  console.log(`${chosen.length - survivors.length} of ${chosen.length} killed`);
  for (const { file, name } of survivors) console.error(`survived: ${file}: ${name}`);
  process.exitCode = survivors.length > 0 ? 1 : 0;
}

/** A suite that fails without a mutant finds every one. */
async function runWithoutMutants(): Promise<void> {
  for (const suite of new Set(chosen.flatMap(suitesOf))) {
    const { result, by } = await tree.run(suite);
    if (result !== "passed") throw new Error(`${suite} without a mutant: ${result}: ${by}`);
    console.log(`${suite} passes without a mutant`);
  }
}

function suitesOf({ suites }: Mutant): readonly SuiteName[] {
  const { by } = values;
  if (by === undefined) return suites;
  if (!Object.hasOwn(SUITES, by)) throw new Error(`--by: given ${by}, allowed: ${Object.keys(SUITES).join(", ")}`);
  return [by as SuiteName];
}

async function runMutants(): Promise<Mutant[]> {
  const survivors: Mutant[] = [];
  console.log("| file | planted fault | killed by |\n|---|---|---|");
  for (const mutant of chosen) {
    const killer = await killerOf(mutant);
    if (killer === null) survivors.push(mutant);
    console.log(`| ${mutant.file} | ${mutant.name} | ${killer ?? "**nobody**"} |`);
  }
  return survivors;
}

async function killerOf(mutant: Mutant): Promise<string | null> {
  const takeOut = tree.plant(mutant);
  try {
    for (const suite of suitesOf(mutant)) {
      const { result, by } = await tree.run(suite);
      if (result === "no time") console.error(`${mutant.name}: ${suite} was cut off in ${by}`);
      if (result === "failed") return `${suite}: ${by.replaceAll("|", "/").slice(0, 160)}`;
    }
    return null;
  } finally {
    takeOut();
  }
}
