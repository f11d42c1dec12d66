import { availableParallelism } from "node:os";
import { cloudflareTest } from "@cloudflare/vitest-pool-workers";
import { defineConfig } from "vitest/config";
import { KEYS } from "./test/http/token-builder.ts";
import { LongestFirst } from "./test/node/longest-first.ts";
import { StallReporter } from "./test/node/stall-reporter.ts";
import type { Drawn } from "./test/random/fc.ts";
import { seedOfRun } from "./test/random/seed-of-run.ts";
import { bundledSource } from "./test/workers/bundled-source.ts";

/** Ends what hangs, on a machine many times slower too. A test that waits for something says itself how long that may take. */
const TEST_MS = 240_000;

/** Folders whose files leave nothing behind, so that they can share processes: a process of its own takes a small file longer than its tests. */
const SHARING =
  "test/{api,client,consumer,contract,core,http,mutants,object,protocol,queue,random,simulation,store,torture}/**/*.node.test.ts";

const NODE = {
  environment: "node",
  // Node strips the types itself, as for whoever starts these sources, and keeps what it made of them (test/node/builds.ts): that vitest
  // transforms each module and hands it to each process takes as long again as most files. Nothing of the tests is mocked by module.
  experimental: { viteModuleRunner: false, nodeLoader: false },
  testTimeout: TEST_MS,
  hookTimeout: TEST_MS,
} as const;

// Two runtimes, one command: plain Node for the rules and whole-process tests, workerd for everything an object does.
export default defineConfig({
  test: {
    // A third of the time a file waits: for a browser, a server that starts, a heartbeat. One more than there are processors uses it.
    maxWorkers: availableParallelism() + 1,
    sequence: { sequencer: LongestFirst },
    reporters: ["default", new StallReporter()],
    globalSetup: ["./test/node/memory-folder.ts", "./test/dashboard/build.ts", "./test/node/builds.ts"],
    provide: { seed: seedOfRun() } satisfies Drawn,
    projects: [
      {
        test: {
          ...NODE,
          name: "node",
          isolate: false,
          setupFiles: ["./test/node/as-it-was.ts"],
          include: [SHARING],
        },
      },
      {
        test: { ...NODE, name: "node-alone", include: ["test/**/*.node.test.ts"], exclude: [SHARING] },
      },
      {
        plugins: [
          bundledSource(),
          cloudflareTest({
            wrangler: { configPath: "./wrangler.toml" },
            miniflare: { bindings: { EDGEQ_AUTH: "open", EDGEQ_KEYS: KEYS }, cf: false },
          }),
        ],
        test: {
          name: "workers",
          // A workerd for each file takes a processor longer than most of them. The setup file cleans up after each.
          isolate: false,
          restoreMocks: true,
          setupFiles: ["./test/workers/light-pool.ts"],
          include: ["test/**/*.workers.test.ts"],
          exclude: ["test/scale/**"],
          testTimeout: TEST_MS,
          hookTimeout: TEST_MS,
        },
      },
    ],
  },
});
