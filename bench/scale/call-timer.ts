// Times single calls to one queue, and counts the rows that each reads.
import { MeteredQueue } from "../edgeq/metered-queue.ts";
import { percentilesOf, type Percentiles } from "../measure/measurement.ts";

export interface OperationCost {
  readonly latency: Percentiles;
  /** Exact and free of the machine's moods: the most that one of these calls read. */
  readonly mostRowsRead: number;
  readonly rowsRead: number;
}

export class CallTimer<Operation extends string> {
  readonly #meter: MeteredQueue;
  readonly #calls = new Map<Operation, { readonly latencyMs: number; readonly rowsRead: number }[]>();

  /** @param origin a server with the bench's meters */
  constructor(origin: string, queue: string) {
    this.#meter = new MeteredQueue(origin, queue);
  }

  /** @param isCounted false: made, but left out of the figures */
  async time<Answer>(operation: Operation, isCounted: boolean, call: () => Promise<Answer>): Promise<Answer> {
    const before = await this.#meter.counts();
    const from = performance.now();
    const answer = await call();
    const latencyMs = performance.now() - from;
    const after = await this.#meter.counts();
    if (isCounted) {
      const calls = this.#calls.get(operation) ?? [];
      this.#calls.set(operation, [...calls, { latencyMs, rowsRead: after.rowsRead - before.rowsRead }]);
    }
    return answer;
  }

  /** Of an operation that was timed at least once. */
  costOf(operation: Operation): OperationCost {
    const calls = this.#calls.get(operation) ?? [];
    const rows = calls.map(({ rowsRead }) => rowsRead);
    return {
      latency: percentilesOf(calls.map(({ latencyMs }) => latencyMs)),
      mostRowsRead: Math.max(...rows),
      rowsRead: rows.reduce((sum, read) => sum + read, 0) / rows.length,
    };
  }

  close(): Promise<void> {
    return this.#meter.close();
  }
}
