// What enqueue, claim and ack cost at each backlog: one call at a time, queue after queue in turn, so that a
// slow moment of the machine falls on all of them alike. Each cycle leaves a queue as long as it was.
import { QueueHttp } from "../edgeq/queue-http.ts";
import { taskJson } from "../edgeq/task-json.ts";
import { payloadOf } from "../measure/payload.ts";
import { optionsOf, type Backlog } from "./backlogs.ts";
import { CallTimer, type OperationCost } from "./call-timer.ts";
import { payloadBytes } from "./fill-backlog.ts";

export const operations = ["enqueue 1", "claim 1", "ack 1", "enqueue 100", "claim 100", "ack 100"] as const;
export type Operation = (typeof operations)[number];

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
  readonly #timer: CallTimer<Operation>;

  constructor(origin: string, backlog: Backlog) {
    this.#backlog = backlog;
    this.#queue = QueueHttp.open(origin, backlog.queue, 1);
    this.#timer = new CallTimer(origin, backlog.queue);
  }

  async cycle(isCounted: boolean): Promise<void> {
    for (const count of [1, 100] as const) {
      const tasks = Array.from({ length: count }, (_, index) =>
        taskJson(payloadOf(index, payloadBytes), optionsOf[this.#backlog.layout]),
      );
      await this.#timer.time(`enqueue ${count}`, isCounted, () => this.#queue.enqueue(tasks));
      const claimed = await this.#timer.time(`claim ${count}`, isCounted, () => this.#queue.claim(count));
      if (claimed.length !== count) throw new Error(`${this.#backlog.name}: claimed ${claimed.length} of ${count}`);
      await this.#timer.time(`ack ${count}`, isCounted, () => this.#queue.ack(claimed));
    }
  }

  result(): BacklogCosts {
    const costs = Object.fromEntries(operations.map((operation) => [operation, this.#timer.costOf(operation)]));
    return { backlog: this.#backlog, costs: costs as Record<Operation, OperationCost> };
  }

  async close(): Promise<void> {
    await Promise.all([this.#queue.close(), this.#timer.close()]);
  }
}
