// What enqueue, claim and ack cost at each backlog: one call at a time, queue after queue in turn, so that a
// slow moment of the machine falls on all of them alike. Each cycle leaves a queue as long as it was.
import { MeteredQueue } from "../edgeq/metered-queue.ts";
import { QueueHttp } from "../edgeq/queue-http.ts";
import { taskJson } from "../edgeq/task-json.ts";
import { percentilesOf, type Percentiles } from "../measure/measurement.ts";
import { payloadOf } from "../measure/payload.ts";
import { optionsOf, type Backlog } from "./backlogs.ts";
import { payloadBytes } from "./fill-backlog.ts";

export const operations = ["enqueue 1", "claim 1", "ack 1", "enqueue 100", "claim 100", "ack 100"] as const;
export type Operation = (typeof operations)[number];

export interface OperationCost {
  readonly latency: Percentiles;
  /** Exact and free of the machine's moods: the most that one of these calls read. */
  readonly mostRowsRead: number;
  readonly rowsRead: number;
}

export interface BacklogCosts {
  readonly backlog: Backlog;
  readonly costs: Readonly<Record<Operation, OperationCost>>;
}

export async function timeOperations(
  origin: string,
  backlogs: readonly Backlog[],
  cycles: number,
): Promise<BacklogCosts[]> {
  const timed = backlogs.map((backlog) => new TimedQueue(origin, backlog));
  // The first cycles wake the objects and compile the code.
  for (let cycle = -3; cycle < cycles; cycle += 1) {
    for (const queue of timed) await queue.cycle(cycle >= 0);
  }
  await Promise.all(timed.map((queue) => queue.close()));
  return timed.map((queue) => queue.result());
}

class TimedQueue {
  readonly #backlog: Backlog;
  readonly #queue: QueueHttp;
  readonly #meter: MeteredQueue;
  readonly #latencies = new Map<Operation, number[]>(operations.map((operation) => [operation, []]));
  readonly #rowsRead = new Map<Operation, number[]>(operations.map((operation) => [operation, []]));

  constructor(origin: string, backlog: Backlog) {
    this.#backlog = backlog;
    this.#queue = QueueHttp.open(origin, backlog.queue, 1);
    this.#meter = new MeteredQueue(origin, backlog.queue);
  }

  async cycle(isCounted: boolean): Promise<void> {
    for (const count of [1, 100] as const) {
      const tasks = Array.from({ length: count }, (_, index) =>
        taskJson(payloadOf(index, payloadBytes), optionsOf[this.#backlog.layout]),
      );
      await this.#time(`enqueue ${count}`, isCounted, () => this.#queue.enqueue(tasks));
      const claimed = await this.#time(`claim ${count}`, isCounted, () => this.#queue.claim(count));
      if (claimed.length !== count) throw new Error(`${this.#backlog.name}: claimed ${claimed.length} of ${count}`);
      await this.#time(`ack ${count}`, isCounted, () => this.#queue.ack(claimed));
    }
  }

  result(): BacklogCosts {
    const costOf = (operation: Operation): OperationCost => {
      const rows = this.#rowsRead.get(operation) ?? [];
      return {
        latency: percentilesOf(this.#latencies.get(operation) ?? []),
        mostRowsRead: Math.max(...rows),
        rowsRead: rows.reduce((sum, read) => sum + read, 0) / rows.length,
      };
    };
    const costs = Object.fromEntries(operations.map((operation) => [operation, costOf(operation)]));
    return { backlog: this.#backlog, costs: costs as Record<Operation, OperationCost> };
  }

  async close(): Promise<void> {
    await Promise.all([this.#queue.close(), this.#meter.close()]);
  }

  async #time<Answer>(operation: Operation, isCounted: boolean, call: () => Promise<Answer>): Promise<Answer> {
    const before = await this.#meter.counts();
    const from = performance.now();
    const answer = await call();
    const latencyMs = performance.now() - from;
    const after = await this.#meter.counts();
    if (isCounted) {
      this.#latencies.get(operation)?.push(latencyMs);
      this.#rowsRead.get(operation)?.push(after.rowsRead - before.rowsRead);
    }
    return answer;
  }
}
