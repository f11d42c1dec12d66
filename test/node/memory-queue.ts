// A queue over node:sqlite, entered by its one door, with a clock that the test moves.

import { Queue, type QueueHost } from "../../src/queue/queue.ts";
import type { InputOf, OperationName, OutcomeOf } from "../../src/core/operation.ts";
import type { QueueDriver } from "../contract/queue-driver.ts";
import { MemorySql } from "../../src/testing/memory-sql.ts";

/** Two years after the epoch of the keys; any instant would do. */
const START_AT = 1_800_000_000_000;

export class MemoryQueue implements QueueDriver {
  readonly name: string;
  readonly sql = new MemorySql();
  /** When the alarm is set to ring; null: it is not. */
  alarmAt: number | null = null;
  /** Whoever is written to takes what it is sent, unless a test says otherwise. */
  deliver: QueueHost["deliver"] = (_receiver, messages) =>
    Promise.resolve({ kind: "received", upTo: messages.at(-1)?.seq ?? 0 });
  queue: Queue;
  #now = START_AT;
  #nonces = 0;
  readonly #random: () => number;

  constructor(name = "orders", random = () => 0) {
    this.name = name;
    this.#random = random;
    this.queue = this.open();
  }

  operate<Name extends OperationName>(operation: Name, input: InputOf<Name>): Promise<OutcomeOf<Name>> {
    return this.queue.operate(operation, input);
  }

  now(): number {
    return this.#now;
  }

  advance(ms: number): void {
    this.#now += ms;
  }

  sweep(): Promise<void> {
    this.alarmAt = null;
    return this.queue.alarm();
  }

  restart(): Promise<void> {
    this.queue = this.open();
    return Promise.resolve();
  }

  /** Those that another instance may have given out. */
  skipNonces(count: number): void {
    this.#nonces += count;
  }

  protected soon(turn: () => void): void {
    queueMicrotask(turn);
  }

  protected open(): Queue {
    const host: QueueHost = {
      now: () => this.#now,
      random: this.#random,
      nonce: () => (this.#nonces += 1).toString(16).padStart(16, "0"),
      name: () => this.name,
      soon: (turn) => this.soon(turn),
      later: () => () => {},
      alarmAt: (at) => {
        if (at === null || (this.alarmAt !== null && at >= this.alarmAt)) return false;
        this.alarmAt = at;
        return true;
      },
      deliver: (receiver, messages) => this.deliver(receiver, messages),
      tell: () => Promise.resolve(true),
      background: (work) => void work,
      report: (what, error) => console.error(what, error),
      abort: (error) => {
        throw error;
      },
    };
    return new Queue(this.sql, host);
  }
}
