// Starts the files of tests that take longest before all others, so that at the end no processor waits for one of them. Vitest goes
// by what each took the last time; in a fresh clone it knows their sizes alone, and the ones that drive browsers and servers are short.
// Those in workerd come next, one after another, and then the others in the order of their projects: a file takes over the process of the
// one before, unless another kind is between.

import { BaseSequencer, type TestSpecification } from "vitest/node";

/** More than ten seconds each on a machine with two processors, the longest first. A name that is out of date does no harm. */
const LONGEST = [
  "examples/examples.node",
  "dashboard/pages.node",
  "cli/cli.node",
  "docs/walk.node",
  "docs/programs.node",
  "attacks/unread-answers.node",
  "dashboard/actions.node",
  "dashboard/live.node",
  "dashboard/hostile.node",
  "simulation/simulation.node",
  "scripts/serve.node",
  "scripts/start.node",
  "simulation/keyed-work.node",
  "consumer/crash.node",
  "binding/parity.node",
  "http/fuzz.workers",
];

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return (await super.sort(files)).toSorted((one, other) => rankOf(one) - rankOf(other));
  }
}

function rankOf({ moduleId }: TestSpecification): number {
  const index = LONGEST.findIndex((name) => moduleId.endsWith(`/test/${name}.test.ts`));
  if (index !== -1) return index;
  return moduleId.endsWith(".workers.test.ts") ? LONGEST.length : LONGEST.length + 1;
}
