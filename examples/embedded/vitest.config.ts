import { cloudflareTest } from "@cloudflare/vitest-pool-workers";
import { defineConfig } from "vitest/config";

export default defineConfig({
  plugins: [cloudflareTest({ wrangler: { configPath: "./wrangler.toml" } })],
  // The first request loads the Worker, which takes a busy machine longer than the five seconds that a test has by default.
  test: { testTimeout: 30_000 },
});
