// Runs a piece of work under its caller's signal and a time limit, and leaves no listener behind: AbortSignal.any keeps
// its sources' dependents for as long as a signal lives, which in a consumer is for ever.

/** The limit of one attempt was reached. */
export class TimedOut extends Error {
  constructor(ms: number) {
    super(`no answer within ${ms} ms`);
    this.name = "TimedOut";
  }
}

/** Rejects as `work` does; the signal it is given is aborted by the caller's signal, or with TimedOut after `ms`. */
export async function withTimeout<Result>(
  ms: number,
  signal: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  signal?.throwIfAborted();
  const controller = new AbortController();
  const abort = (): void => controller.abort(signal?.reason);
  signal?.addEventListener("abort", abort, { once: true });
  const timer = setTimeout(() => controller.abort(new TimedOut(ms)), ms);
  try {
    return await work(controller.signal);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", abort);
  }
}
