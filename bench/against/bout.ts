// One queue's enqueues, claims and acks on one side of a comparison, each measured by itself: tasks are enqueued, then tasks are
// claimed, then what was claimed is acked, and so again.
import { openBenchQueue, type BenchQueue, type BenchTask, type WayIn } from "../edgeq/bench-queue.ts";
import { taskJson } from "../edgeq/task-json.ts";
import { payloadOf } from "../measure/payload.ts";
import { runInFlight, type LoadRun } from "../measure/run-in-flight.ts";

export const sizes = [1, 10, 100] as const;
export type Size = (typeof sizes)[number];
export const acts = ["enqueue", "claim", "ack"] as const;
export type Act = (typeof acts)[number];

/** Calls in flight: about as many tasks in hand as a busy program holds. */
const lanesOf: Readonly<Record<Size, number>> = { 1: 64, 10: 16, 100: 8 };
/** Below the 120,000 that a queue lets be in flight. */
const mostClaimed = 100_000;
/** More than are claimed in a piece. */
const readyForClaims = 60_000;
const fillTasks = 1_000;

export class Bout {
  readonly #queue: BenchQueue;
  readonly #size: Size;
  readonly #payloadBytes: number;
  #next = 0;
  #ready = 0;
  readonly #claimed: (readonly BenchTask[])[] = [];
  readonly #runs: Readonly<Record<Act, (ms: number) => Promise<LoadRun>>> = {
    enqueue: (ms) => this.#enqueue(ms),
    claim: (ms) => this.#claim(ms),
    ack: (ms) => this.#ack(ms),
  };

  private constructor(queue: BenchQueue, size: Size, payloadBytes: number) {
    this.#queue = queue;
    this.#size = size;
    this.#payloadBytes = payloadBytes;
  }

  static async open(origin: string, name: string, way: WayIn, size: Size, payloadBytes: number): Promise<Bout> {
    return new Bout(await openBenchQueue(way, origin, name), size, payloadBytes);
  }

  /** What claims need is put in before the clock starts. */
  async prepare(act: Act): Promise<void> {
    if (act !== "claim") return;
    while (this.#ready < readyForClaims) {
      await this.#queue.enqueue(this.#tasks(fillTasks));
      this.#ready += fillTasks;
    }
  }

  /**
   * Measures for so long, or less when there is nothing left to claim or to ack: at most 100,000 tasks are claimed in all, and
   * what was claimed can be acked.
   */
  run(act: Act, ms: number): Promise<LoadRun> {
    return this.#runs[act](ms);
  }

  close(): Promise<void> {
    return this.#queue.close();
  }

  async #enqueue(ms: number): Promise<LoadRun> {
    return this.#inFlight(ms, Number.POSITIVE_INFINITY, async () => {
      await this.#queue.enqueue(this.#tasks(this.#size));
      this.#ready += this.#size;
      return this.#size;
    });
  }

  async #claim(ms: number): Promise<LoadRun> {
    const mostClaims = Math.min(this.#ready, mostClaimed - this.#claimed.length * this.#size);
    return this.#inFlight(ms, mostClaims / this.#size, async () => {
      const tasks = await this.#queue.claim(this.#size);
      if (tasks.length !== this.#size) throw new Error(`claimed ${tasks.length} of ${this.#size} ready tasks`);
      this.#ready -= tasks.length;
      this.#claimed.push(tasks);
      return tasks.length;
    });
  }

  async #ack(ms: number): Promise<LoadRun> {
    const claims = this.#claimed;
    return this.#inFlight(ms, claims.length, async () => {
      const tasks = claims.pop() ?? [];
      await this.#queue.ack(tasks);
      return tasks.length;
    });
  }

  #tasks(count: number): string[] {
    return Array.from({ length: count }, () => taskJson(payloadOf(this.#next++, this.#payloadBytes)));
  }

  #inFlight(maxMs: number, maxOperations: number, operation: () => Promise<number>): Promise<LoadRun> {
    return runInFlight({ inFlight: lanesOf[this.#size], maxMs, maxOperations, operation });
  }
}
