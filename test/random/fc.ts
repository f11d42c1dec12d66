// fast-check with the seed of this run. Lint keeps tests from importing it by any other way. It is no setup file: every file of tests
// would load fast-check, and few need it.

import * as fc from "fast-check";
import { inject, type ProvidedContext } from "vitest";

declare module "vitest" {
  interface ProvidedContext {
    readonly seed: number;
  }
}

/** What the configuration of the tests gives to those that draw. */
export type Drawn = Pick<ProvidedContext, "seed">;

/**
 * Below the test runner's own limit of a minute, which cannot end a property that never lets a timer fire, and which cuts off the report
 * of one that does. Shrinking ends with what it has found; runs that are cut off fail, because a property that is no longer tried whole
 * should be noticed. Each takes a few seconds at most.
 */
const LIMIT_MS = 50_000;

fc.configureGlobal({ seed: inject("seed"), interruptAfterTimeLimit: LIMIT_MS, markInterruptAsFailure: true });

export { fc };
