// edgeq itself: the bundle and the configuration that `npm run serve` runs, on plain workerd with its state
// on disk, open to this machine only.
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { bundle } from "../../scripts/bundle.ts";
import { freePort } from "../measure/free-port.ts";
import { startServer } from "../measure/start-server.ts";
import { workerdProgram } from "../measure/start-workerd.ts";

/** edgeq's objects with meters, for what is counted; see worker/probe-worker.ts. */
export const probeMain = new URL("worker/probe-worker.ts", import.meta.url).pathname;

export interface EdgeqOptions {
  /** Where bundle, log and state go; state that is there is kept. */
  readonly dir: string;
  /** Entry module of a bundle that is made for this start; default: edgeq's own. */
  readonly main?: string;
  /** workerd's configuration of a bundle that is there already, perhaps of another commit; default: one is made. */
  readonly configPath?: string;
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

export async function startEdgeq({ dir, main, configPath, isInspected = false }: EdgeqOptions): Promise<Edgeq> {
  const config = configPath ?? (await bundle(join(dir, "bundle"), main)).configPath;
  const { socket, disk } = namesIn(readFileSync(config, "utf8"));
  const state = join(dir, "state");
  mkdirSync(state, { recursive: true });
  const port = await freePort();
  const inspectorPort = isInspected ? await freePort() : null;
  const server = await startServer({
    command: workerdProgram(),
    args: [
      "serve",
      config,
      `--socket-addr=${socket}=127.0.0.1:${port}`,
      `--directory-path=${disk}=${state}`,
      ...(inspectorPort === null ? [] : [`--inspector-addr=127.0.0.1:${inspectorPort}`]),
    ],
    env: { EDGEQ_AUTH: "open" },
    port,
    logFile: join(dir, "workerd.log"),
  });
  return { url: `http://127.0.0.1:${port}`, pid: server.pid, inspectorPort, stop: () => server.stop() };
}

/** What workerd's command line calls the socket and the folder of the state, which a configuration leaves open. */
function namesIn(config: string): { socket: string; disk: string } {
  const socket = /sockets = \[\(name = "([^"]+)"/.exec(config)?.[1];
  const disk = /\(name = "([^"]+)", disk = /.exec(config)?.[1];
  if (socket === undefined || disk === undefined) {
    throw new Error(`expected a socket and a disk in workerd's configuration, found ${config.slice(0, 600)}`);
  }
  return { socket, disk };
}
