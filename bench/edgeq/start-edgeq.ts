// edgeq itself: the bundle that `npm run serve` runs, on plain workerd with its state on disk, open to
// this machine only. A Worker of the bench's own around it may be given, for what no user may ask.
import { resolve } from "node:path";
import { bundle } from "../../scripts/bundle.ts";
import { startWorkerd, type WorkerdServer } from "../../scripts/workerd-server.ts";

/** Another checkout of edgeq to measure: how a change is compared with what was before. */
const otherMain = process.env["EDGEQ_BENCH_SOURCE"];

/**
 * @param dir below which the bundle and the state go; state that is there is kept
 * @param main absolute path of the entry module; default: edgeq's own
 */
export async function startEdgeq(dir: string, main?: string): Promise<WorkerdServer> {
  const entry = main ?? (otherMain === undefined ? undefined : resolve(otherMain, "src/index.ts"));
  const { configPath } = await bundle(resolve(dir, "bundle"), entry);
  return startWorkerd({ stateDir: resolve(dir, "state"), configPath });
}
