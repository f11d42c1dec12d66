// A queue in a real object. Its clock is `Date`, which the test stops (clock.ts) and moves; timers and storage are real.

import { abortAllDurableObjects, evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { vi } from "vitest";
import type { InputOf, OperationName, OutcomeOf } from "../../src/core/operation.ts";
import type { QueueObject } from "../../src/object/queue-object.ts";
import { queueStub } from "../../src/object/queue-stub.ts";
import { stats } from "../contract/builders.ts";
import type { QueueDriver } from "../contract/queue-driver.ts";

let queues = 0;

/** A name that no other test of the file has. */
export function newQueueName(): string {
  queues += 1;
  return `queue-${queues}`;
}

/** Waits until nothing is left in the outbox: delivery follows the commit by itself. */
export async function delivered(queue: QueueDriver): Promise<void> {
  await vi.waitUntil(async () => (await stats(queue)).outbox === 0, { timeout: 20_000, interval: 20 });
}

export class ObjectQueue implements QueueDriver {
  readonly name: string;

  constructor(name: string = newQueueName()) {
    this.name = name;
  }

  get stub(): DurableObjectStub<QueueObject> {
    return env.QUEUE.getByName(this.name);
  }

  operate<Name extends OperationName>(operation: Name, input: InputOf<Name>): Promise<OutcomeOf<Name>> {
    return queueStub(env, this.name).operate(operation, input);
  }

  now(): number {
    return Date.now();
  }

  advance(ms: number): void {
    vi.setSystemTime(Date.now() + ms);
  }

  sweep(): Promise<void> {
    return runInDurableObject(this.stub, (object) => object.alarm());
  }

  restart(): Promise<void> {
    return evictDurableObject(this.stub);
  }

  /** As a crash: nothing is drained, every object of the test file loses its memory. */
  crash(): Promise<void> {
    return abortAllDurableObjects();
  }

  /** Rows of tables and indexes that the object writes while `act` runs, without those of its history. */
  async rowsWritten(act: () => Promise<unknown>): Promise<number> {
    const count = (): Promise<number> =>
      runInDurableObject(this.stub, (object) => {
        const { rowsWritten, historyRows } = object.usage();
        return rowsWritten - historyRows;
      });
    const before = await count();
    await act();
    return (await count()) - before;
  }
}
