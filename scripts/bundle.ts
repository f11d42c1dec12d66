// `npm run build`: the Worker as one module, with the configuration that plain workerd serves it by, in dist/worker/.

import { randomUUID } from "node:crypto";
import { mkdir, rename, writeFile } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { build, stop, type BuildOptions } from "esbuild";
import { buildDashboard } from "./build-dashboard.ts";
import { PROJECT_DIR, readWorkerConfig } from "./worker-config.ts";
import { workerdConfig } from "./workerd-config.ts";

const BUNDLE_DIR = resolve(PROJECT_DIR, "dist/worker");

export interface Bundle {
  /** workerd's configuration, which names the module beside it. */
  readonly configPath: string;
  readonly modulePath: string;
}

/** How wrangler bundles a Worker. */
export const WORKER_BUILD = {
  absWorkingDir: PROJECT_DIR,
  bundle: true,
  write: false,
  format: "esm",
  platform: "browser",
  conditions: ["workerd", "worker", "browser"],
  target: "es2024",
  external: ["cloudflare:*", "node:*"],
  loader: { ".html": "text", ".txt": "text" },
  logLevel: "warning",
} as const satisfies BuildOptions;

/**
 * Bundles src/ as wrangler would. Files are replaced whole, so that servers which start meanwhile see the old build or
 * the new one. One call at a time.
 *
 * @param outDir where to write it; default: dist/worker
 * @param main absolute path of the entry module; default: the Worker's own. The benchmark has one of its own around it
 */
export async function bundle(outDir: string = BUNDLE_DIR, main?: string): Promise<Bundle> {
  const worker = readWorkerConfig();
  await buildDashboard();
  const { outputFiles } = await build({
    ...WORKER_BUILD,
    entryPoints: [main ?? worker.main],
  });
  // esbuild's own process would else stay for as long as this one.
  await stop();
  const [module] = outputFiles;
  if (module === undefined) throw new Error(`esbuild made ${outputFiles.length} files, expected one`);
  const written = { configPath: join(outDir, "config.capnp"), modulePath: join(outDir, "index.js") };
  await mkdir(outDir, { recursive: true });
  await replace(written.modulePath, module.text);
  await replace(written.configPath, workerdConfig(worker, "index.js"));
  return written;
}

async function replace(path: string, content: string): Promise<void> {
  const part = `${path}.${randomUUID()}.part`;
  await writeFile(part, content);
  await rename(part, path);
}

if (import.meta.main) {
  const { configPath, modulePath } = await bundle();
  for (const path of [modulePath, configPath]) console.log(relative(process.cwd(), path));
}
