// Tasks by long poll: a claim that waits on the server, then the next.

import type { AcceptOptions, NackItem } from "../client/claims.ts";
import type { Queue } from "../client/queue.ts";
import type { ClaimedTask } from "../client/task.ts";
import type { WireLanes } from "../protocol/wire-operations.ts";
import { MAX_ITEMS, type Control, type NackedTask, type Settled, type TaskSource } from "./task-source.ts";

/** What a consumer needs of a queue: the `Queue` of edgeq/client, or anything that has these of it. */
export type ConsumerQueue<Payload> = Pick<
  Queue<unknown, Payload>,
  "name" | "claim" | "ackBatch" | "nackBatch" | "extendBatch"
> &
  Partial<Pick<Queue<unknown, Payload>, "endpoint" | "accept">>;

/** Called with tasks that their schema refused, or threw over. */
export type OnInvalid = NonNullable<AcceptOptions["onInvalid"]>;

export interface LongPollSettings {
  readonly claimTimeoutMs: number;
  readonly waitMs: number;
  readonly claimant?: string;
  readonly lanes?: WireLanes;
}

export class LongPollSource<Payload> implements TaskSource<Payload> {
  readonly #queue: ConsumerQueue<Payload>;
  readonly #settings: LongPollSettings;
  readonly #onInvalid: OnInvalid;

  constructor(queue: ConsumerQueue<Payload>, settings: LongPollSettings, onInvalid: OnInvalid) {
    this.#queue = queue;
    this.#settings = settings;
    this.#onInvalid = onInvalid;
  }

  take(max: number, signal: AbortSignal): Promise<ClaimedTask<Payload>[]> {
    const onInvalid = this.#onInvalid;
    return this.#queue.claim({ ...this.#settings, max: Math.min(max, MAX_ITEMS), retry: false, signal, onInvalid });
  }

  letGo(): void {}

  /** A poll that is called back takes nothing: the server sees to it. */
  rest(): void {}

  close(): void {}

  ack(tasks: readonly ClaimedTask<Payload>[], control: Control): Promise<Settled[]> {
    return this.#queue.ackBatch(tasks, { ...control, retry: false });
  }

  nack(items: readonly NackedTask<Payload>[], control: Control): Promise<Settled[]> {
    const claims = items.map(({ task, ...how }): NackItem => ({ claim: task, ...how }));
    return this.#queue.nackBatch(claims, { ...control, retry: false });
  }

  extend(tasks: readonly ClaimedTask<Payload>[], control: Control): Promise<Settled[]> {
    return this.#queue.extendBatch(tasks, this.#settings.claimTimeoutMs, { ...control, retry: false });
  }
}
