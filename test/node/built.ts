// Asks for what test/node/builds.ts makes once a run.

import type { Bundle } from "../../scripts/bundle.ts";

export interface Builds {
  /** The Worker as plain workerd serves it. */
  readonly worker: Bundle;
  /** main.js of the command line, as it is published. */
  readonly cli: string;
  /** The package as it would be published. */
  readonly tarball: string;
}

/** Names the variable of the environment that says where to ask. */
export const BUILDS_URL = "EDGEQ_TEST_BUILDS";

/** Throws what the making of it threw. */
export async function built<Name extends keyof Builds>(name: Name): Promise<Builds[Name]> {
  const response = await fetch(`${process.env[BUILDS_URL]}/${name}`);
  if (!response.ok) throw new Error(`${name} was not made: ${await response.text()}`);
  return (await response.json()) as Builds[Name];
}
