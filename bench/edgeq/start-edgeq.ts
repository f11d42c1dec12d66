// edgeq itself: the bundle and the configuration that `npm run serve` runs, on plain workerd with its state
// on disk, open to this machine only.
import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { bundle } from "../../scripts/bundle.ts";
import { SOCKET, STATE_DISK } from "../../scripts/workerd-config.ts";
import { freePort } from "../measure/free-port.ts";
import { startServer } from "../measure/start-server.ts";
import { workerdProgram } from "../measure/start-workerd.ts";

/** Another checkout of edgeq to measure: how a change is compared with what was before. */
const otherSource = process.env["EDGEQ_BENCH_SOURCE"];

/** edgeq's objects with meters, for what is counted; see worker/probe-worker.ts. */
export const probeMain = new URL("worker/probe-worker.ts", import.meta.url).pathname;

export interface EdgeqOptions {
  /** Where bundle, log and state go; state that is there is kept. */
  readonly dir: string;
  /** Entry module; default: edgeq's own. */
  readonly main?: string;
  /** Opens V8's inspector too, on a port of its own. */
  readonly isInspected?: boolean;
}

export interface Edgeq {
  readonly url: string;
  readonly pid: number;
  /** null: not inspected. */
  readonly inspectorPort: number | null;
  stop(): Promise<void>;
}

export async function startEdgeq({ dir, main, isInspected = false }: EdgeqOptions): Promise<Edgeq> {
  const entry = main ?? (otherSource === undefined ? undefined : resolve(otherSource, "src/index.ts"));
  const { configPath } = await bundle(join(dir, "bundle"), entry);
  const state = join(dir, "state");
  mkdirSync(state, { recursive: true });
  const port = await freePort();
  const inspectorPort = isInspected ? await freePort() : null;
  const server = await startServer({
    command: workerdProgram(),
    args: [
      "serve",
      configPath,
      `--socket-addr=${SOCKET}=127.0.0.1:${port}`,
      `--directory-path=${STATE_DISK}=${state}`,
      ...(inspectorPort === null ? [] : [`--inspector-addr=127.0.0.1:${inspectorPort}`]),
    ],
    env: { EDGEQ_AUTH: "open" },
    port,
    logFile: join(dir, "workerd.log"),
  });
  return { url: `http://127.0.0.1:${port}`, pid: server.pid, inspectorPort, stop: () => server.stop() };
}
