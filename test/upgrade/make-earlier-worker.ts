// `npm run earlier-worker`: bundles the Worker of an earlier commit, from the history of git, as test/upgrade/earlier-worker.js.gz.
// `-- --commit C --out FILE` bundles another one. The dashboard, which asks the API as any client does, is left out.

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";
import { build, type Plugin } from "esbuild";
import { WORKER_BUILD } from "../../scripts/bundle.ts";
import { PROJECT_DIR } from "../../scripts/worker-config.ts";
import { EARLIER_WORKER } from "./two-versions.ts";

const { values } = parseArgs({
  options: {
    /** The last release's; before the first, one that a Worker of a later version can be deployed beside. */
    commit: { type: "string", default: "046ea41" },
    out: { type: "string", default: EARLIER_WORKER },
  },
});

const withoutDashboard: Plugin = {
  name: "without dashboard",
  setup(building) {
    building.onResolve({ filter: /\/built\.ts$/ }, () => ({ path: "built", namespace: "empty" }));
    building.onLoad({ filter: /.*/, namespace: "empty" }, () => ({ contents: "export const FILES = {};" }));
  },
};

const folder = mkdtempSync(join(tmpdir(), "edgeq-earlier-"));
try {
  const archive = execFileSync("git", ["archive", values.commit, "src"], {
    cwd: PROJECT_DIR,
    maxBuffer: 64 * 1024 ** 2,
  });
  execFileSync("tar", ["-x", "-C", folder], { input: archive });
  const { outputFiles } = await build({
    ...WORKER_BUILD,
    absWorkingDir: folder,
    entryPoints: [join(folder, "src/index.ts")],
    nodePaths: [join(PROJECT_DIR, "node_modules")],
    plugins: [withoutDashboard],
    minify: true,
    legalComments: "none",
  });
  const packed = gzipSync(outputFiles[0]?.contents ?? "", { level: 9 });
  writeFileSync(resolve(PROJECT_DIR, values.out), packed);
  console.log(`${values.out}: the Worker of ${values.commit}, ${packed.byteLength} bytes`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
