// One listener for each signal, however many wait under it. A signal walks through all of its listeners for each that is added, so that
// thousands of calls under one signal would take the square of their number.

const waiting = new WeakMap<AbortSignal, Set<() => void>>();

/** Calls `act` when the signal is aborted, which it is not yet. What it returns calls that off. */
export function onAbort(signal: AbortSignal, act: () => void): () => void {
  const acts = waiting.get(signal) ?? new Set();
  if (!waiting.has(signal)) {
    waiting.set(signal, acts);
    signal.addEventListener("abort", () => {
      for (const each of acts) each();
    });
  }
  acts.add(act);
  return () => acts.delete(act);
}
