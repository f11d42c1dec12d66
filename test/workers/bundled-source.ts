// The Worker's sources as one module for the tests in workerd. Each file of tests runs in a process of its own, and loading three
// hundred modules one by one takes a second of a processor there. A test that imports one of them gets what the Worker has.

import { join } from "node:path";
import { build, stop } from "esbuild";
import type { Plugin } from "vitest/config";
import { WORKER_BUILD } from "../../scripts/bundle.ts";
import { PROJECT_DIR } from "../../scripts/worker-config.ts";
import { bundleInTurn } from "../node/bundle-in-turn.ts";

const MAIN = "src/index.ts";
/** Begins with NUL, which tells other plugins that it is no file. */
const BUNDLE = "\0edgeq-source";

interface Source {
  readonly code: string;
  readonly map: string;
  /** For the path of each module, one that exports the same from the bundle. */
  readonly stubs: ReadonlyMap<string, string>;
}

export function bundledSource(): Plugin {
  let source: Promise<Source> | undefined;
  return {
    name: "edgeq:bundled-source",
    enforce: "pre",
    resolveId: (id) => (id === BUNDLE ? id : null),
    async load(id) {
      if (id !== BUNDLE && !id.startsWith(join(PROJECT_DIR, "src/"))) return null;
      const { code, map, stubs } = await (source ??= bundleInTurn(bundled));
      if (id !== BUNDLE) return stubs.get(id) ?? null;
      for (const path of stubs.keys()) this.addWatchFile(path);
      return { code, map };
    },
    watchChange: () => void (source = undefined),
  };
}

async function bundled(): Promise<Source> {
  const modules = Object.keys((await build({ ...WORKER_BUILD, entryPoints: [MAIN], metafile: true })).metafile.inputs);
  const { absWorkingDir, loader } = WORKER_BUILD;
  const each = await build({
    absWorkingDir,
    loader,
    entryPoints: modules,
    outdir: "out",
    write: false,
    metafile: true,
  });
  const exportsOf = new Map(
    Object.values(each.metafile.outputs).map(({ entryPoint, exports }) => [entryPoint, exports]),
  );
  const { outputFiles } = await build({
    ...WORKER_BUILD,
    stdin: {
      contents: modules.map((path, at) => `export * as m${at} from "./${path}";`).join("\n"),
      resolveDir: PROJECT_DIR,
    },
    // Paths in what is thrown are relative to it.
    outfile: "index.js",
    sourcemap: "external",
    sourcesContent: false,
  });
  await stop();
  const textOf = (end: string): string => outputFiles.find(({ path }) => path.endsWith(end))?.text ?? "";
  return {
    code: textOf(".js"),
    map: textOf(".map"),
    stubs: new Map(modules.map((path, at) => [join(PROJECT_DIR, path), stub(at, exportsOf.get(path) ?? [])])),
  };
}

function stub(at: number, names: readonly string[]): string {
  const lines = names.map((name) => `export ${name === "default" ? "default" : `const ${name} =`} m${at}.${name};`);
  return [`import { m${at} } from ${JSON.stringify(BUNDLE)};`, ...lines].join("\n");
}
