// Waits until a server of ours answers. A port that is open already may belong to a Worker that is still being compiled.

import { setTimeout as wait } from "node:timers/promises";

const FIRST_WAIT_MS = 10;
const MOST_WAIT_MS = 250;

/** Asks /v1/health until the answer is 200. Rejected when `signal` is aborted, with its reason. */
export async function awaitHealth(url: string, signal: AbortSignal): Promise<void> {
  for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(2 * waitMs, MOST_WAIT_MS)) {
    const isHealthy = await fetch(`${url}/v1/health`, { signal }).then(
      async (response) => {
        await response.body?.cancel();
        return response.ok;
      },
      () => false,
    );
    if (isHealthy) return;
    signal.throwIfAborted();
    await wait(waitMs);
  }
}
