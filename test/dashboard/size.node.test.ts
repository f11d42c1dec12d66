// What a browser loads for the dashboard, which is all that it ever loads.

import { brotliCompressSync, gzipSync } from "node:zlib";
import { stop } from "esbuild";
import { afterAll, expect, test } from "vitest";
import { buildDashboard } from "../../scripts/build-dashboard.ts";

afterAll(() => stop());

function sum(sizes: readonly number[]): number {
  return sizes.reduce((total, size) => total + size, 0);
}

test("the whole page is under 100 KB compressed, by gzip and by brotli", async () => {
  const files = await buildDashboard();
  expect(files.map(({ path }) => path.replace(/-[0-9a-f]+\./, "."))).toEqual([
    "/dashboard/app.js",
    "/dashboard/style.css",
    "/dashboard/icon.svg",
    "/",
  ]);
  expect(sum(files.map(({ body }) => gzipSync(body).byteLength))).toBeLessThan(100_000);
  expect(sum(files.map(({ body }) => brotliCompressSync(body).byteLength))).toBeLessThan(100_000);
});

test("no file names another host", async () => {
  for (const { path, body } of await buildDashboard()) {
    const hosts = Array.from(body.matchAll(/https?:\/\/[^\s"'`)]+/g), ([url]) => url);
    // Names of XML vocabularies, and the example in an error of the client's: nothing is loaded from them.
    const named = hosts.filter((url) => !/^http:\/\/www\.w3\.org\/|\.example\.com$/.test(url));
    expect({ path, hosts: named }).toEqual({ path, hosts: [] });
  }
});
