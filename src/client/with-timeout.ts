// Runs a piece of work under its caller's signal and a time limit, and leaves no listener behind: AbortSignal.any keeps
// its sources' dependents for as long as a signal lives, which in a consumer is for ever.

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
  let abort = nothing;
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    return await new Promise<Result>((resolve, reject) => {
      const end = (reason: Error): void => {
        controller.abort(reason);
        reject(reason);
      };
      abort = () => end(signal?.reason as Error);
      signal?.addEventListener("abort", abort);
      timer = setTimeout(() => end(new Error(`no answer within ${ms} ms`)), ms);
      work(controller.signal).then(resolve, reject);
    });
  } finally {
    if (timer !== undefined) clearTimeout(timer);
    signal?.removeEventListener("abort", abort);
  }
}

function nothing(): void {}
