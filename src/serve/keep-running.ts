// A server that is started again when it ends by itself, until a signal stops it. It knows nothing of what the server does.

import { setTimeout as sleep } from "node:timers/promises";
import { exitCodeOf, type Exit } from "./child-exit.ts";
import { CommandError } from "./command-error.ts";

export interface Running {
  /** Fulfilled when the server has ended. Never rejected. */
  readonly exited: Promise<Exit>;
  stop(): Promise<Exit>;
}

const FIRST_WAIT_MS = 200;
const MOST_WAIT_MS = 30_000;
/** A server that lived so long has nothing to do with the end of the one before it. */
const SETTLED_MS = 60_000;

/** Whatever takes time, so that tests need not. */
export interface Pace {
  now(): number;
  /** Rejected when `signal` is aborted. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
}

const REAL: Pace = {
  now: () => performance.now(),
  wait: (ms, signal) => sleep(ms, undefined, { signal }),
};

/**
 * Starts the server, and again 0.2 s after it has ended by itself, then 0.4 s, and so on up to 30 s; from the beginning once it
 * has run for a minute. Each time a line on stderr says why. Ends on SIGINT, SIGTERM and SIGHUP, with the server.
 *
 * @returns 0, the exit status
 * @throws what the first start throws: a mistake of the person who started it does not pass by itself
 */
export async function keepRunning(start: () => Promise<Running>, pace: Pace = REAL): Promise<0> {
  const stopping = new AbortController();
  let server: Running | null = null;
  const stop = (): void => {
    stopping.abort();
    void server?.stop();
  };
  const startUnlessStopped = async (): Promise<Running> => {
    const started = await start();
    if (stopping.signal.aborted) void started.stop();
    return started;
  };
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const signal of signals) process.on(signal, stop);
  try {
    server = await startUnlessStopped();
    for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(2 * waitMs, MOST_WAIT_MS)) {
      const since = pace.now();
      const why = server === null ? null : `ended by itself (${howItEnded(await server.exited)})`;
      if (stopping.signal.aborted) return 0;
      if (pace.now() - since >= SETTLED_MS) waitMs = FIRST_WAIT_MS;
      if (why !== null) console.error(`edgeq: the server ${why}; it starts again in ${waitMs / 1_000} s`);
      await pace.wait(waitMs, stopping.signal).catch(() => {});
      if (stopping.signal.aborted) return 0;
      server = await startAgain(startUnlessStopped);
    }
  } finally {
    for (const signal of signals) process.off(signal, stop);
  }
}

/** null: it did not start, and the reason was printed. */
async function startAgain(start: () => Promise<Running>): Promise<Running | null> {
  try {
    const server = await start();
    console.error("edgeq: the server runs again");
    return server;
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    console.error(`edgeq: the server did not start again: ${error.message}`);
    return null;
  }
}

function howItEnded(exit: Exit): string {
  return exit.signal ?? `status ${exitCodeOf(exit)}`;
}
