// The queue on plain workerd, as a process of its own: started with its state on disk, stopped, or killed. `edgeq dev`,
// `edgeq serve` and `npm run serve` run it. It knows neither how the Worker was bundled nor who may do what.

import { spawn, type ChildProcess } from "node:child_process";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { finished } from "node:stream/promises";
import { awaitHealth } from "./await-health.ts";
import { exitOf, stopChild, type Exit } from "./child-exit.ts";
import { ServerStartError } from "./server-start-error.ts";
import { openState } from "./state-folder.ts";
import { workerdPath } from "./workerd-path.ts";

/** Names under which workerd's command line refers to the socket and to the folder of the state. */
export const SOCKET = "http";
export const STATE_DISK = "state";

export interface ServerOptions {
  /** Folder of the databases, made if it is not there. One server at a time may use it. */
  readonly stateDir: string;
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Default 0: any that is free. */
  readonly port?: number;
  /** The whole environment of workerd, of which the Worker sees EDGEQ_AUTH and EDGEQ_KEYS. Default `{ EDGEQ_AUTH: "open" }`. */
  readonly env?: Readonly<Record<string, string>>;
  /** workerd's configuration, beside the Worker's module. */
  readonly configPath: string;
  /** What workerd says (the Worker's console too): shown on this process's stderr or not at all. Default "inherit". */
  readonly output?: "inherit" | "ignore";
}

export interface WorkerdServer {
  /** Without a slash at the end. */
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Fulfilled when workerd has ended, for whatever reason. Never rejected. */
  readonly exited: Promise<Exit>;
  /** SIGTERM, and SIGKILL if that has not ended it within 5 s. Fulfilled when it has ended; calling it again is harmless. */
  stop(): Promise<Exit>;
  /** SIGKILL: the crash that P1 speaks of. Fulfilled when it has ended. */
  kill(): Promise<Exit>;
}

/** A busy machine may take seconds to load a 150 MB binary; past this something is wrong. */
const START_LIMIT_MS = 30_000;
/** The end of workerd's stderr that a failed start is explained with. */
const TAIL_CHARACTERS = 4_000;

/**
 * Starts workerd and waits until it answers /v1/health.
 *
 * @throws {ServerStartError} when the port is taken or not allowed, when the state is in use or cannot be, or when workerd ends by itself
 */
export async function startServer(options: ServerOptions): Promise<WorkerdServer> {
  const { configPath, host = "127.0.0.1", port = 0, env = { EDGEQ_AUTH: "open" }, output = "inherit" } = options;
  const workerd = workerdPath();
  const stateDir = resolve(options.stateDir);
  const lock = openState(stateDir);
  const address = `${host.includes(":") ? `[${host}]` : host}:${port}`;
  const child = spawn(
    workerd,
    [
      "serve",
      configPath,
      `--socket-addr=${SOCKET}=${address}`,
      `--directory-path=${STATE_DISK}=${stateDir}`,
      "--control-fd=3",
    ],
    { env: { ...env }, stdio: ["ignore", output, "pipe", "pipe"] },
  );
  // A server must not outlive who started it, so far as that can be helped.
  const killOnExit = (): void => void child.kill("SIGKILL");
  process.once("exit", killOnExit);
  let notStarted = "";
  const exited = exitOf(child, (why) => (notStarted = why)).finally(() => {
    process.off("exit", killOnExit);
    lock.close();
  });
  const log = follow(child.stderr as Readable);
  const kill = (): Promise<Exit> => {
    child.kill("SIGKILL");
    return exited;
  };

  const starting = new AbortController();
  const overdue = setTimeout(() => starting.abort(), START_LIMIT_MS);
  void exited.then(() => starting.abort());
  try {
    const listening = await listeningPort(child, starting.signal);
    const url = `http://${urlHost(host)}:${listening}`;
    await awaitHealth(url, starting.signal);
    if (output === "inherit") log.show();
    return { url, port: listening, pid: child.pid ?? 0, exited, stop: () => stopChild(child, exited), kill };
  } catch {
    await kill();
    throw startError(address, notStarted || (await log.all()));
  } finally {
    clearTimeout(overdue);
  }
}

/** Where a server that listens on this host can be reached from here. */
export function urlHost(host: string): string {
  if (host === "0.0.0.0" || host === "::" || host === "*") return "127.0.0.1";
  return host.includes(":") ? `[${host}]` : host;
}

/** workerd reports on the control descriptor which port it got. */
function listeningPort(child: ChildProcess, signal: AbortSignal): Promise<number> {
  return new Promise((fulfil, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason as Error));
    createInterface(child.stdio[3] as Readable).on("line", (line) => {
      const message = JSON.parse(line) as { readonly event: string; readonly socket?: string; readonly port?: number };
      if (message.event === "listen" && message.socket === SOCKET && message.port !== undefined) fulfil(message.port);
    });
  });
}

/** Held back until the server is up: why it is not is reported in better words. */
interface Said {
  show(): void;
  all(): Promise<string>;
}

function follow(stream: Readable): Said {
  let tail = "";
  let isShown = false;
  stream.setEncoding("utf8").on("data", (text: string) => {
    if (isShown) process.stderr.write(text);
    else tail = (tail + text).slice(-TAIL_CHARACTERS);
  });
  const ended = finished(stream).catch(() => {});
  return {
    show() {
      process.stderr.write(tail);
      isShown = true;
    },
    all: () => ended.then(() => tail),
  };
}

function startError(address: string, log: string): ServerStartError {
  if (log.includes("Address already in use"))
    return new ServerStartError("port-taken", `${address} is taken: stop what listens there, or choose another PORT`);
  if (log.includes("Permission denied"))
    return new ServerStartError("port-forbidden", `${address} may not be listened at: choose a PORT above 1023`);
  const why = log.trim().replaceAll(/\s*\n\s*/g, " ") || "it said nothing, or nothing in time";
  return new ServerStartError("failed", `workerd did not start: ${why}; to install it anew: npm install workerd`);
}
