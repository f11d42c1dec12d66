// npm's `prepare`: builds what is published, for `npm pack`, `npm publish` and an install from git. Plain JavaScript, since
// it also runs on a Node that does not read TypeScript. Does nothing where the compiler was left out (`npm ci --omit=dev`).

import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

function find(name) {
  try {
    return createRequire(import.meta.url).resolve(name);
  } catch {
    return undefined;
  }
}

if (find("typescript/package.json") !== undefined && find("esbuild") !== undefined) {
  execFileSync("node", [fileURLToPath(new URL("build-package.ts", import.meta.url))], { stdio: "inherit" });
}
