// What the contract suite asks of a queue, wherever it runs: over node:sqlite in plain Node, or in a real object.

import type { InputOf, OperationName, OutcomeOf } from "../../src/core/operation.ts";

export interface QueueDriver {
  operate<Name extends OperationName>(operation: Name, input: InputOf<Name>): Promise<OutcomeOf<Name>>;
  /** The clock that the queue reads. */
  now(): number;
  /** Moves the clock; nothing else happens. */
  advance(ms: number): void;
  /** What the alarm does, when it is due or not. */
  sweep(): Promise<void>;
  /** Forgets all memory, as an eviction or a crash does. What is on disk stays. */
  restart(): Promise<void>;
}

/** A queue of its own for each test. */
export type OpenQueue = () => Promise<QueueDriver>;
