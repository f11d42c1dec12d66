// Waits for what cannot itself be called off.

/** As `work`, but rejects at once with the signal's reason when that is aborted: the work goes on, and nobody here waits. */
export async function abortable<Result>(work: PromiseLike<Result>, signal: AbortSignal | undefined): Promise<Result> {
  if (signal === undefined) return work;
  let abort = nothing;
  try {
    return await new Promise<Result>((resolve, reject) => {
      work.then(resolve, reject);
      abort = () => reject(signal.reason as Error);
      if (signal.aborted) abort();
      else signal.addEventListener("abort", abort);
    });
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

function nothing(): void {}
