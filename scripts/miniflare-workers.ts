// Several Workers in one miniflare, bound to each other, from their sources: what examples and tests of bindings run on. Other
// than plain workerd it has the simulator of Cloudflare Queues, and keeps nothing on disk.

import { resolve } from "node:path";
import { build } from "esbuild";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { buildDashboard } from "./build-dashboard.ts";
import { WORKER_BUILD } from "./bundle.ts";
import { PROJECT_DIR, readWorkerConfig } from "./worker-config.ts";

type Options = Parameters<typeof convertV4MiniflareOptions>[0];
type Worker = Extract<Options, { workers: unknown[] }>["workers"][number];

/** What a Worker has beside its source: bindings, in miniflare's words. */
export type WorkerParts = Omit<Partial<Worker>, "name" | "script" | "modules">;

export type ServiceBindings = Record<string, NonNullable<Worker["serviceBindings"]>[string]>;

export interface Workers {
  /** A request to the Worker that was named first. */
  fetch(path: string, init?: { method?: string; body?: string }): Promise<{ status: number; text: string }>;
  stop(): Promise<void>;
}

/** @param workers by name; the first one answers requests */
export async function startWorkers(
  workers: Readonly<Record<string, { entry: string; parts?: WorkerParts }>>,
): Promise<Workers> {
  const { compatibilityDate, compatibilityFlags } = readWorkerConfig();
  await buildDashboard();
  const options = await Promise.all(
    Object.entries(workers).map(async ([name, { entry, parts = {} }]): Promise<Worker> => {
      const script = await bundled(entry);
      return { compatibilityDate, compatibilityFlags: [...compatibilityFlags], ...parts, name, modules: true, script };
    }),
  );
  const miniflare = new Miniflare(convertV4MiniflareOptions({ workers: options, host: "127.0.0.1", port: 0 }));
  await miniflare.ready;
  return {
    async fetch(path, init = {}) {
      const response = await miniflare.dispatchFetch(new URL(path, "http://worker"), init);
      return { status: response.status, text: await response.text() };
    },
    stop: () => miniflare.dispose(),
  };
}

/** edgeq's own Worker, with its objects; it lets nobody in over HTTP. */
export function edgeqWorker(parts: WorkerParts = {}): { entry: string; parts: WorkerParts } {
  const { main, durableObjects } = readWorkerConfig();
  const objects = durableObjects.map(({ binding, className }) => [binding, { className, useSQLite: true }]);
  return { entry: main, parts: { durableObjects: Object.fromEntries(objects), ...parts } };
}

async function bundled(entry: string): Promise<string> {
  const { outputFiles } = await build({
    ...WORKER_BUILD,
    entryPoints: [resolve(PROJECT_DIR, entry)],
    // The package, as its users name it, from the source beside it.
    alias: {
      "edgeq/client": resolve(PROJECT_DIR, "src/client/index.ts"),
      "edgeq/worker": resolve(PROJECT_DIR, "src/index.ts"),
    },
  });
  const [module] = outputFiles;
  if (module === undefined) throw new Error(`esbuild made nothing of ${entry}`);
  return module.text;
}
