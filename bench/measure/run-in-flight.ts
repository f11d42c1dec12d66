// Keeps a number of operations in flight until a count or a time is reached, and times each one.
// This is the only loop that produces load, so every subject is loaded in the same way.

export interface Load {
  /** How many operations are under way at once: that many lanes, each awaiting its own. */
  readonly inFlight: number;
  readonly maxMs: number;
  readonly maxOperations: number;
  /** Does one operation and answers how many tasks it was; 0 ends its lane. */
  operation(lane: number): Promise<number>;
}

export interface LoadRun {
  readonly operations: number;
  readonly tasks: number;
  readonly elapsedMs: number;
  readonly latenciesMs: readonly number[];
}

/** Rejects with the first failure of any operation, once all lanes have ended. */
export async function runInFlight(load: Load): Promise<LoadRun> {
  const latenciesMs: number[] = [];
  const failures: unknown[] = [];
  let started = 0;
  let tasks = 0;
  const startedAt = performance.now();
  const deadline = startedAt + load.maxMs;
  const runLane = async (lane: number): Promise<void> => {
    while (started < load.maxOperations && failures.length === 0 && performance.now() < deadline) {
      started += 1;
      const from = performance.now();
      const done = await load.operation(lane);
      if (done === 0) return;
      latenciesMs.push(performance.now() - from);
      tasks += done;
    }
  };
  const lanes = Array.from({ length: load.inFlight }, (_, lane) =>
    runLane(lane).catch((failure: unknown) => void failures.push(failure)),
  );
  await Promise.all(lanes);
  if (failures.length > 0) throw failures[0];
  return { operations: latenciesMs.length, tasks, elapsedMs: performance.now() - startedAt, latenciesMs };
}
