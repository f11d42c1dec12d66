// Stops a consumer when its process receives a signal to end, where there is a process: found at run time, so that the same package
// runs where there is none.

interface Process {
  on?(signal: string, listener: () => void): unknown;
  off?(signal: string, listener: () => void): unknown;
}

/** Calls `stop` at the first of the signals. @returns takes the listeners off again */
export function onStopSignals(signals: readonly string[], stop: () => void): () => void {
  const { process } = globalThis as { process?: Process };
  for (const signal of signals) process?.on?.(signal, stop);
  return () => {
    for (const signal of signals) process?.off?.(signal, stop);
  };
}
