// Starts the files of tests that take longest before all others, so that at the end no processor waits for one of them. Vitest goes
// by what each took the last time; in a fresh clone it knows their sizes alone, and the ones that drive browsers and servers are short.
// Those in workerd come last, the longest of them first: a file takes over the process of the one before, unless another kind is between.

import { BaseSequencer, type TestSpecification } from "vitest/node";

/** More than ten seconds each on a machine with two processors, the longest first. A name that is out of date does no harm. */
const LONGEST = [
  "examples/examples.node",
  "docs/walk.node",
  "cli/cli.node",
  "dashboard/pages.node",
  "dashboard/actions.node",
  "docs/programs.node",
  "attacks/bodies.node",
  "attacks/unread-answers.node",
  "dashboard/hostile.node",
  "cli/transfer.node",
  "cli/access.node",
  "package/install.node",
  "scripts/serve.node",
  "scripts/start.node",
  "dashboard/live.node",
  "queue/model.node",
  "queue/keys/keyed-model.node",
  "simulation/simulation.node",
  "consumer/crash.node",
  "binding/parity.node",
  "contract/contract.workers",
  "http/fuzz.workers",
  "http/every-route.workers",
  "object/socket-credit.workers",
];

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return (await super.sort(files)).toSorted((one, other) => rankOf(one) - rankOf(other));
  }
}

function rankOf({ moduleId }: TestSpecification): number {
  const index = LONGEST.findIndex((name) => moduleId.endsWith(`/test/${name}.test.ts`));
  const rank = index === -1 ? LONGEST.length : index;
  return moduleId.endsWith(".workers.test.ts") ? LONGEST.length + 1 + rank : rank;
}
