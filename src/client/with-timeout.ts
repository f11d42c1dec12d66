// Runs a piece of work under its caller's signal and a time limit, and leaves no listener behind: AbortSignal.any keeps
// its sources' dependents for as long as a signal lives, which in a consumer is for ever.

import { abortable } from "./abortable.ts";
import { onAbort } from "./on-abort.ts";

/**
 * Rejects as `work` does, or at once, whatever the work makes of its signal: with the reason of the caller's signal, or after `ms`.
 *
 * @param work gets a signal that is aborted with the same reason
 */
export async function withTimeout<Result>(
  ms: number,
  signal: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  signal?.throwIfAborted();
  const controller = new AbortController();
  const off = signal && onAbort(signal, () => controller.abort(signal.reason));
  const timer = setTimeout(() => controller.abort(new Error(`no answer within ${ms} ms`)), ms);
  try {
    return await abortable(work(controller.signal), controller.signal);
  } finally {
    clearTimeout(timer);
    off?.();
  }
}
