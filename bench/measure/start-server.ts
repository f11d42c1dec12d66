// Starts the servers that are measured, waits until they listen, and ends them by their own process
// id: at `stop`, and for all that are left when this process is told to end. Never a kill by name.
import { spawn, type ChildProcess } from "node:child_process";
import { createWriteStream } from "node:fs";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

export interface ServerOptions {
  readonly command: string;
  readonly args: readonly string[];
  /** The loopback port that opens when it is ready. */
  readonly port: number;
  /** Where its output goes: shown when it fails to start. */
  readonly logFile: string;
  readonly env?: Readonly<Record<string, string>>;
  /** To run as another user; only root can. */
  readonly owner?: { readonly uid: number; readonly gid: number } | undefined;
  readonly cwd?: string;
  /** The signal that ends it cleanly (default SIGTERM). */
  readonly stopSignal?: NodeJS.Signals;
  readonly startMs?: number;
}

export interface Server {
  readonly pid: number;
  stop(): Promise<void>;
}

const running = new Set<Server>();
const stopMs = 10_000;

/** Resolves when the port accepts; rejects with the log's place if it ends or takes too long. */
export async function startServer(options: ServerOptions): Promise<Server> {
  const log = createWriteStream(options.logFile, { flags: "a" });
  const child = spawn(options.command, options.args, {
    // A group of its own: the terminal's Ctrl-C reaches only this bench, which then stops it in order.
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...options.env },
    ...options.owner,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  child.stdout.pipe(log);
  child.stderr.pipe(log);
  const { pid } = child;
  if (pid === undefined) {
    const reason = await new Promise<Error>((resolve) => child.once("error", resolve));
    throw new Error(`cannot start ${options.command}: ${reason.message}`);
  }
  let ended: Promise<void> | null = null;
  const server: Server = {
    pid,
    // It counts as running until it has ended, so that whoever stops all waits for one that is stopping.
    stop: () => (ended ??= end(child, pid, options.stopSignal ?? "SIGTERM").then(() => void running.delete(server))),
  };
  running.add(server);
  const deadline = Date.now() + (options.startMs ?? 30_000);
  while (!(await accepts(options.port))) {
    if (child.exitCode !== null || child.signalCode !== null || Date.now() > deadline) {
      await server.stop();
      throw new Error(`${options.command} did not open port ${options.port}; see ${options.logFile}`);
    }
    await sleep(25);
  }
  return server;
}

/** Ends what is still running, for the moment this process must end. */
export async function stopAllServers(): Promise<void> {
  await Promise.all([...running].map((server) => server.stop()));
}

async function end(child: ChildProcess, pid: number, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
    child.kill(signal);
    await Promise.race([ended, sleep(stopMs, undefined, { ref: false })]);
  }
  try {
    // What is left of the group that this process created with it.
    process.kill(-pid, "SIGKILL");
  } catch {
    // The group is gone, as it should be.
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1" });
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
