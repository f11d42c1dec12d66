// What Node makes of the sources is kept from one process to the next: the tests start the command line hundreds of times, and
// stripping the types of its files takes three times as long as all that it does.

import { resolve } from "node:path";

/** Goes into the environment of a process that runs the sources. */
export const COMPILE_CACHE = {
  NODE_COMPILE_CACHE: resolve(import.meta.dirname, "../../node_modules/.cache/edgeq-tests"),
} as const;
