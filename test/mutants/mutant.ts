// A planted fault: a small change of one file that breaks a promise without breaking the build.

import type { SuiteName } from "./suites.ts";

export interface Mutant {
  /** What is wrong with it. */
  readonly name: string;
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly search: string;
  readonly replace: string;
  /** Tried in this order until one fails. */
  readonly suites: readonly SuiteName[];
}

/** The suites of the queue's rules, and then those that only a real object passes or fails; the quickest first. */
export const OBJECT_SUITES = [
  "rules",
  "simulation",
  "sockets",
  "object",
  "http",
  "torture",
] as const satisfies readonly SuiteName[];
