// How many random runs a model test makes, and how long it may take. `npm test` makes the same few each time, which a fault that is not rare
// falls in; the nightly hunt has thousands, the planted faults some hundreds. A property over a queue in memory never lets a timer fire,
// so that the test runner cannot end it: fast-check itself looks at the time before each run, also while it shrinks. The limit is for
// shrinking: all runs together take a small part of it, so that no machine fails by being slow.

/** @param usual runs, unless EDGEQ_MODEL_RUNS says how many */
export function modelRuns(usual: number, msOfRun: number) {
  const numRuns = Number(process.env["EDGEQ_MODEL_RUNS"] ?? usual);
  const limitMs = 180_000 + msOfRun * numRuns;
  return {
    parameters: { numRuns, interruptAfterTimeLimit: limitMs },
    timeoutMs: limitMs + 10_000,
  };
}
