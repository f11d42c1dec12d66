// One queue in memory: the server's own rules over an SQLite database of Node's. Its time is told to it with every call.

import type { InputOf, OperationName, Refusal } from "../core/operation.ts";
import { OPERATIONS, type WireOperation } from "../api/operation-table.ts";
import { isRefusal } from "../api/refusal-problem.ts";
import { Courier } from "../queue/mail/courier.ts";
import { receive, type Message, type ReceiveOutcome } from "../queue/mail/receive.ts";
import { senderOver } from "../queue/mail/sender.ts";
import { operate } from "../queue/operations/table.ts";
import { QueueState } from "../queue/state.ts";
import { nextDueAt, nextVisibleAt, scheduleHousekeeping, sweep } from "../queue/sweep.ts";
import { MemorySql } from "./memory-sql.ts";

/** What a queue needs of those around it. */
export interface Surroundings {
  now(): number;
  deliver(sender: string, receiver: string, messages: readonly Message[]): Promise<ReceiveOutcome>;
}

export class MemoryQueue {
  readonly #name: string;
  readonly #around: Surroundings;
  readonly #state: QueueState;
  readonly #courier: Courier;
  #nonces = 0;

  constructor(name: string, around: Surroundings) {
    this.#name = name;
    this.#around = around;
    const chance = {
      // Without jitter, so that a test knows when a task is offered again.
      random: () => 0,
      nonce: () => (this.#nonces += 1).toString(16).padStart(16, "0"),
    };
    this.#state = new QueueState(new MemorySql(), chance);
    this.#state.wake(around.now());
    scheduleHousekeeping(this.#state, around.now());
    this.#courier = new Courier({
      ...senderOver(this.#state),
      deliver: (receiver, messages) => around.deliver(name, receiver, messages),
      random: chance.random,
      now: () => around.now(),
    });
  }

  /** The answer as JSON text, or why it was refused. */
  answer<Name extends OperationName>(operation: Name, input: InputOf<Name>): string | Refusal {
    const { render }: WireOperation<Name> = OPERATIONS[operation];
    const outcome = operate(this.#state, operation, input, this.#around.now(), this.#name);
    return isRefusal(outcome) ? outcome : render(outcome, input);
  }

  receive(sender: string, messages: readonly Message[]): ReceiveOutcome {
    return this.#state.transaction(() => receive(this.#state, this.#name, sender, messages, this.#around.now()));
  }

  /** Does what is due: ends claims, expires tasks, and delivers what is on its way to other queues. */
  async settle(): Promise<void> {
    this.#state.transaction(() => sweep(this.#state, this.#around.now()));
    const receivers = [...this.#state.outgoing];
    this.#state.outgoing.clear();
    await this.#courier.deliver(receivers, this.#around.now());
  }

  /** When something is next due, or a delayed task becomes visible; null: never, as things stand. */
  nextAt(): number | null {
    const lanes = [...new Set(this.#state.levels.all().map(({ lane }) => lane))];
    const instants = [
      nextDueAt(this.#state),
      this.#courier.nextAt(),
      nextVisibleAt(this.#state, this.#around.now(), lanes),
    ].filter((at) => at !== null);
    return instants.length === 0 ? null : Math.min(...instants);
  }
}
