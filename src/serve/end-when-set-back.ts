// Ends a server when the machine's clock is set back, so that another is started. workerd's timers wait by the wall clock, and time in an
// object never goes back: an object that is awake would stand still, and answer nothing, for as long as the clock was set back by. A new
// process begins with the time that it finds, and a queue's own time goes on from what it has stored.

import { setTimeout as sleep } from "node:timers/promises";
import type { Running } from "./keep-running.ts";

const LOOK_MS = 1_000;
/** A smaller step is waited out: a server that starts again takes about as long. */
const MOST_BACK_MS = 2_000;

/** The clocks, so that tests need not wait. */
export interface Clocks {
  /** ms since the Unix epoch, by a clock that may be set */
  wall(): number;
  /** ms, by a clock that nobody sets */
  elapsed(): number;
  /** Rejected when `signal` is aborted. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
}

const REAL: Clocks = {
  wall: () => Date.now(),
  elapsed: () => performance.now(),
  wait: (ms, signal) => sleep(ms, undefined, { signal }),
};

/** Looks every second until the server has ended. Never rejects unless `end` does. */
export async function endWhenSetBack(
  { exited }: Pick<Running, "exited">,
  end: () => Promise<unknown>,
  clocks = REAL,
): Promise<void> {
  const ended = new AbortController();
  void exited.then(() => ended.abort());
  const ahead = (): number => clocks.wall() - clocks.elapsed();
  for (let before = ahead(); ; before = ahead()) {
    await clocks.wait(LOOK_MS, ended.signal).catch(() => {});
    if (ended.signal.aborted) return;
    const backMs = before - ahead();
    if (backMs <= MOST_BACK_MS) continue;
    console.error(`edgeq: the clock was set back by ${Math.round(backMs / 1_000)} s: the server begins anew by it`);
    await end();
    return;
  }
}
