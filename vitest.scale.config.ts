import { defineConfig } from "vitest/config";

// What is too heavy for `npm test`: whole servers at the size of real use. `npm run test:scale`.
export default defineConfig({
  test: { include: ["test/scale/*.scale.test.ts"], testTimeout: 600_000, fileParallelism: false },
});
