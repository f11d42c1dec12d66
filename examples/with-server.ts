// The server an example runs against: the one at EDGEQ_URL, or one of its own that is gone afterwards.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundle } from "../scripts/bundle.ts";
import { startWorkerd } from "../scripts/workerd-server.ts";

export async function withServer(run: (url: string) => Promise<void>): Promise<void> {
  const { EDGEQ_URL } = process.env;
  if (EDGEQ_URL !== undefined) return run(EDGEQ_URL);
  const dir = await mkdtemp(join(tmpdir(), "edgeq-example-"));
  const { configPath } = await bundle(join(dir, "worker"));
  const server = await startWorkerd({ stateDir: join(dir, "state"), configPath });
  try {
    await run(server.url);
  } finally {
    await server.stop();
    await rm(dir, { recursive: true, force: true });
  }
}
