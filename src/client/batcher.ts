// Gathers concurrent calls into one: a batch leaves when it is full, or a moment after its first item came.

import { BATCH_TASKS } from "../protocol/call-limits.ts";
import { abortable } from "./abortable.ts";
import type { EdgeqError } from "./edgeq-error.ts";
import { integerOptions } from "./option.ts";

export interface BatchOptions {
  /** Items that one request carries. 1 to 1,000, default 100. */
  readonly maxItems?: number;
  /** How long the first item waits for others. ms, default 5, 0 to 10,000. */
  readonly maxWaitMs?: number;
}

export type BatchPolicy = Required<BatchOptions>;

/** Throws InvalidOptionError. */
export function batchPolicy(options: BatchOptions): BatchPolicy {
  return integerOptions("batch", options, { maxItems: [1, BATCH_TASKS, 100], maxWaitMs: [0, 10_000, 5] });
}

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly signal: AbortSignal | undefined;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

/** A quarter of what a request body may hold, since a character may take three bytes of it. */
const MAX_CHARACTERS = 4_194_304;

export class Batcher<Item, Result> {
  readonly #policy: BatchPolicy;
  readonly #send: (items: readonly Item[]) => Promise<readonly Result[]>;
  readonly #isOneItems: ((error: unknown) => boolean) | undefined;
  #waiting: Waiting<Item, Result>[] = [];
  #size = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /**
   * @param send one request; its results in the order of the items
   * @param isOneItems whether an error may be the fault of one item: then each is sent alone, so that none fails for another
   */
  constructor(
    policy: BatchPolicy,
    send: (items: readonly Item[]) => Promise<readonly Result[]>,
    isOneItems?: (error: unknown) => boolean,
  ) {
    this.#policy = policy;
    this.#send = send;
    this.#isOneItems = isOneItems;
  }

  /**
   * @param signal an item whose signal is aborted before its batch has left is taken out; after that only its caller is let go
   * @param length about how many characters the item takes in the body
   */
  async submit(item: Item, signal?: AbortSignal, length = 0): Promise<Result> {
    signal?.throwIfAborted();
    const result = new Promise<Result>((resolve, reject) => {
      this.#waiting.push({ item, signal, resolve, reject });
    });
    this.#size += length;
    if (this.#waiting.length >= this.#policy.maxItems || this.#size >= MAX_CHARACTERS) void this.#flush();
    else this.#timer ??= setTimeout(() => void this.#flush(), this.#policy.maxWaitMs);
    return abortable(result, signal);
  }

  async #flush(): Promise<void> {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = undefined;
    const batch = this.#waiting.filter(({ signal }) => !signal?.aborted);
    this.#waiting = [];
    this.#size = 0;
    if (batch.length > 0) await this.#deliver(batch);
  }

  /**
   * @returns the error of an item that was sent alone, if it is no fault of the item's, such as a full queue: those after it would hear the
   *   same, one after the other
   */
  async #deliver(batch: readonly Waiting<Item, Result>[]): Promise<unknown> {
    try {
      const results = await this.#send(batch.map((waiting) => waiting.item));
      for (const [index, waiting] of batch.entries()) waiting.resolve(results[index] as Result);
      return null;
    } catch (error) {
      let forAll = batch.length > 1 && this.#isOneItems?.(error) ? null : error;
      for (const waiting of batch) {
        if (forAll) waiting.reject(forAll);
        else forAll = await this.#deliver([waiting]);
      }
      return (error as Partial<EdgeqError>).retryable ? error : null;
    }
  }
}
