// What a program carries that sends tasks from a browser or a Worker: the client alone, as bundlers make it.

import { gzipSync } from "node:zlib";
import { build, type BuildResult, type OutputFile } from "esbuild";
import { expect, test } from "vitest";

/** The bundle of a program that imports these from edgeq/client. */
async function bundled(names: string): Promise<string> {
  const { outputFiles }: BuildResult & { outputFiles: OutputFile[] } = await build({
    stdin: { contents: `export { ${names} } from "./src/client/index.ts";`, resolveDir: "." },
    bundle: true,
    minify: true,
    format: "esm",
    write: false,
  });
  return outputFiles[0]?.text ?? "";
}

test("the client alone is 7.7 kB, compressed", async () => {
  const bytes = gzipSync(await bundled("Queue"), { level: 9 }).byteLength;
  // A growth of more than its noise is a choice: then this changes, and the figure in docs/client.md.
  expect(bytes).toBeLessThanOrEqual(7_750);
  expect(bytes).toBeGreaterThan(7_300);
});

test("it carries no table of problems or limits, and of the errors' classes those that are named", async () => {
  const alone = await bundled("Queue");
  for (const text of ["The queue is paused", "too-many-claims", "claimantLength", "socketRequests"])
    expect(alone.includes(text)).toBe(false);
  const named = await bundled("Queue, QueueFullError");
  expect(named.includes('"queue-full"')).toBe(true);
  expect(named.length - alone.length).toBeLessThan(300);
});
