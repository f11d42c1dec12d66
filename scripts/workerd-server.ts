// The queue on plain workerd from a checkout: what tests, the demo and the examples start. It bundles the source that is
// there; how the server runs is src/serve's.

import { startServer, type ServerOptions, type WorkerdServer } from "../src/serve/workerd-server.ts";
import { bundle, type Bundle } from "./bundle.ts";

export type { WorkerdServer } from "../src/serve/workerd-server.ts";

export interface WorkerdOptions extends Omit<ServerOptions, "configPath"> {
  /** workerd's configuration as `bundle` wrote it. Default: bundled into dist/worker, once in this process. */
  readonly configPath?: string;
}

let bundled: Promise<Bundle> | undefined;

/** As `startServer`, and throws what it throws. */
export async function startWorkerd(options: WorkerdOptions): Promise<WorkerdServer> {
  const configPath = options.configPath ?? (await (bundled ??= bundle())).configPath;
  return startServer({ ...options, configPath });
}
