import { cloudflareTest } from "@cloudflare/vitest-pool-workers";
import { defineConfig } from "vitest/config";

// What is too heavy for `npm test`: whole servers at the size of real use, and objects that hold a million tasks. `npm run test:scale`.
export default defineConfig({
  test: {
    fileParallelism: false,
    globalSetup: ["./test/node/builds.ts"],
    projects: [
      {
        test: { name: "servers", include: ["test/scale/*.scale.test.ts"], testTimeout: 600_000 },
      },
      {
        plugins: [
          cloudflareTest({
            wrangler: { configPath: "./wrangler.toml" },
            miniflare: { bindings: { EDGEQ_AUTH: "open" }, cf: false },
          }),
        ],
        test: { name: "objects", include: ["test/scale/*.workers.test.ts"], restoreMocks: true, testTimeout: 600_000 },
      },
    ],
  },
});
