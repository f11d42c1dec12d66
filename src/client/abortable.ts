// Waits for what cannot itself be called off.

import { onAbort } from "./on-abort.ts";

/** As `work`, but rejects at once with the signal's reason when that is aborted: the work goes on, and nobody here waits. */
export async function abortable<Result>(work: PromiseLike<Result>, signal: AbortSignal | undefined): Promise<Result> {
  if (signal === undefined) return work;
  let off: (() => void) | undefined;
  try {
    return await new Promise<Result>((resolve, reject) => {
      work.then(resolve, reject);
      const abort = (): void => reject(signal.reason as Error);
      if (signal.aborted) abort();
      else off = onAbort(signal, abort);
    });
  } finally {
    off?.();
  }
}
