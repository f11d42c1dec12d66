// Starts the files of tests that take longest before all others, so that at the end no processor waits for one of them. Vitest goes
// by what each took the last time; in a fresh clone it knows their sizes alone, and the ones that drive browsers and servers are short.

import { BaseSequencer, type TestSpecification } from "vitest/node";

/** More than ten seconds each on a machine with two processors, the longest first. A name that is out of date does no harm. */
const LONGEST = [
  "examples/examples.node",
  "cli/cli.node",
  "docs/walk.node",
  "dashboard/pages.node",
  "http/every-route.workers",
  "http/fuzz.workers",
  "attacks/unread-answers.node",
  "http/claim-gone.node",
  "dashboard/actions.node",
  "contract/contract.workers",
  "dashboard/hostile.node",
  "simulation/simulation.node",
  "scripts/start.node",
  "scripts/serve.node",
  "package/tarball.node",
  "contract/modify.workers",
  "http/claim-wait.workers",
];

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return (await super.sort(files)).toSorted((one, other) => rankOf(one) - rankOf(other));
  }
}

function rankOf({ moduleId }: TestSpecification): number {
  const index = LONGEST.findIndex((name) => moduleId.endsWith(`/test/${name}.test.ts`));
  return index === -1 ? LONGEST.length : index;
}
