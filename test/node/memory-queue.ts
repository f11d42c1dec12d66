// A queue over node:sqlite, with a clock that the test moves.

import { operate } from "../../src/queue/operations/table.ts";
import { QueueState, type Chance } from "../../src/queue/state.ts";
import { scheduleHousekeeping, sweep } from "../../src/queue/sweep.ts";
import type { InputOf, OperationName, OutcomeOf } from "../../src/core/operation.ts";
import type { QueueDriver } from "../contract/queue-driver.ts";
import { MemorySql } from "../../src/testing/memory-sql.ts";

/** Two years after the epoch of the keys; any instant would do. */
const START_AT = 1_800_000_000_000;

export class MemoryQueue implements QueueDriver {
  readonly name: string;
  readonly sql = new MemorySql();
  state: QueueState;
  #now = START_AT;
  #nonces = 0;

  constructor(name = "orders") {
    this.name = name;
    this.state = this.#wake();
  }

  operate<Name extends OperationName>(operation: Name, input: InputOf<Name>): Promise<OutcomeOf<Name>> {
    return Promise.resolve(operate(this.state, operation, input, this.#now, this.name));
  }

  now(): number {
    return this.#now;
  }

  advance(ms: number): void {
    this.#now += ms;
  }

  sweep(): Promise<void> {
    this.state.transaction(() => sweep(this.state, this.#now));
    return Promise.resolve();
  }

  restart(): Promise<void> {
    this.state = this.#wake();
    return Promise.resolve();
  }

  #wake(): QueueState {
    const chance: Chance = {
      random: () => 0,
      nonce: () => (this.#nonces += 1).toString(16).padStart(16, "0"),
    };
    const state = new QueueState(this.sql, chance);
    state.wake(this.#now);
    scheduleHousekeeping(state, this.#now);
    return state;
  }
}
