// A server of the sources that are there, for what looks at the dashboard outside a run of the tests.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startWorkerd } from "../../scripts/workerd-server.ts";

export interface OwnServer {
  readonly url: string;
  readonly stop: () => Promise<void>;
}

/** Open to everybody on this machine, with its state in a folder that goes with it. */
export async function startOwnServer(): Promise<OwnServer> {
  const stateDir = await mkdtemp(join(tmpdir(), "edgeq-dashboard-"));
  const server = await startWorkerd({ stateDir, env: { EDGEQ_AUTH: "open" }, output: "ignore" });
  const stop = async (): Promise<void> => {
    await server.stop();
    await rm(stateDir, { recursive: true, force: true });
  };
  return { url: server.url, stop };
}
