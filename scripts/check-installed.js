// Before `npm start` and `npm run serve`: whether there is what they need. Plain JavaScript, since without the development
// dependencies the Node at hand may be one that does not read TypeScript.

import { createRequire } from "node:module";

const { resolve } = createRequire(import.meta.url);

function isInstalled(name) {
  try {
    resolve(name);
    return true;
  } catch {
    return false;
  }
}

const missing = ["esbuild", "workerd", "node/package.json"].filter((name) => !isInstalled(name));
if (missing.length > 0) {
  console.error(
    `edgeq: a checkout is served with its development dependencies; not installed: ${missing.map((name) => name.split("/")[0]).join(", ")}. ` +
      "Run `npm ci` without --omit=dev, or use the package (`npx edgeq dev`)",
  );
  process.exitCode = 1;
}
