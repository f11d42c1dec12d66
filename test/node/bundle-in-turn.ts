// One bundling at a time in the process that runs the tests: each ends esbuild's process when it is done, and what another one has
// asked of that process never comes.

/** On `globalThis`: vitest loads this module once for its configuration and once more for what runs before the tests. */
const BUNDLING = Symbol.for("edgeq.bundling");

const shared = globalThis as { [BUNDLING]?: Promise<unknown> };

/** Runs `make` when those that were asked for before it are done. */
export function bundleInTurn<T>(make: () => Promise<T>): Promise<T> {
  const made = (shared[BUNDLING] ?? Promise.resolve()).then(make);
  shared[BUNDLING] = made.catch(() => {});
  return made;
}
