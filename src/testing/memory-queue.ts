// One queue in memory: the server's own rules over an SQLite database of Node's. Its time is the test's: alarms and timers wait
// until the server fires them.

import type { InputOf, OperationName, Refusal } from "../core/operation.ts";
import type { Operation } from "../api/operation.ts";
import { OPERATIONS } from "../api/operation-table.ts";
import { isRefusal } from "../api/refusal-problem.ts";
import { Queue, type Message, type ReceiveOutcome } from "../queue/queue.ts";
import { MemorySql } from "./memory-sql.ts";

/** What a queue needs of those around it. */
export interface Surroundings {
  now(): number;
  deliver(sender: string, receiver: string, messages: readonly Message[]): Promise<ReceiveOutcome>;
}

interface Timer {
  readonly at: number;
  readonly run: () => void;
}

export class MemoryQueue {
  readonly #around: Surroundings;
  readonly #queue: Queue;
  readonly #timers = new Set<Timer>();
  readonly #underWay = new Set<Promise<void>>();
  #alarmAt: number | null = null;
  #nonces = 0;

  constructor(name: string, around: Surroundings) {
    this.#around = around;
    this.#queue = new Queue(new MemorySql(), {
      now: () => around.now(),
      // Without jitter, so that a test knows when a task is offered again.
      random: () => 0,
      nonce: () => (this.#nonces += 1).toString(16).padStart(16, "0"),
      name: () => name,
      soon: (turn) => queueMicrotask(turn),
      later: (ms, run) => {
        const timer = { at: around.now() + ms, run };
        this.#timers.add(timer);
        return () => void this.#timers.delete(timer);
      },
      alarmAt: (at) => {
        if (at === null || (this.#alarmAt !== null && at >= this.#alarmAt)) return false;
        this.#alarmAt = at;
        return true;
      },
      deliver: (receiver, messages) => around.deliver(name, receiver, messages),
      // A test asks its queues themselves.
      tell: () => Promise.resolve(true),
      background: (work) => {
        this.#underWay.add(work);
        void work.finally(() => this.#underWay.delete(work));
      },
      // A bug: the call that met it rejects.
      report: () => {},
      abort: (error) => {
        throw error;
      },
    });
  }

  /** The answer as JSON text, or why it was refused. A claim with `waitMs` waits. */
  async answer<Name extends OperationName>(operation: Name, input: InputOf<Name>): Promise<string | Refusal> {
    const { render }: Operation<Name> = OPERATIONS[operation];
    const outcome = await this.#queue.operate(operation, input);
    return isRefusal(outcome) ? outcome : render(outcome, input);
  }

  /** The claim that waits under this ticket is given up. */
  leave(ticket: string): Promise<void> {
    return this.#queue.leave(ticket);
  }

  receive(sender: string, messages: readonly Message[]): Promise<ReceiveOutcome> {
    return this.#queue.receive(sender, messages);
  }

  /** Does what is due by now, and delivers what is on its way to other queues. True: there was something to do. */
  async settle(): Promise<boolean> {
    const now = this.#around.now();
    const due = [...this.#timers].filter((timer) => timer.at <= now);
    for (const timer of due) {
      this.#timers.delete(timer);
      timer.run();
    }
    const isRinging = this.#alarmAt !== null && this.#alarmAt <= now;
    if (isRinging) {
      this.#alarmAt = null;
      await this.#queue.alarm();
    }
    const sent = [...this.#underWay];
    await Promise.all(sent);
    return due.length > 0 || isRinging || sent.length > 0;
  }

  /** When something is next due; null: never, as things stand. */
  nextAt(): number | null {
    const instants = [...this.#timers].map(({ at }) => at);
    if (this.#alarmAt !== null) instants.push(this.#alarmAt);
    return instants.length === 0 ? null : Math.min(...instants);
  }
}
