// The batch that a `queue(batch, env, ctx)` handler is given, and what it decides about each message. The first call wins; a
// call on a message goes before one on the batch; what is undecided follows how the handler ended. All of it as Cloudflare
// documents it (Queues, Batching, Retries and Delays).

import { LONGEST_DELAY, type PushedBatch, type PushOutcome, type Retry } from "./batch.ts";
import type { BacklogMetrics } from "./backlog-metrics.ts";
import { delayOf } from "./send-request.ts";

interface RetryOptions {
  readonly delaySeconds?: number;
  /** False: the message is snoozed, and the attempt does not count. An addition to Cloudflare's options. Default true. */
  readonly countAttempt?: boolean;
}

interface Message {
  readonly id: string;
  readonly timestamp: Date;
  readonly attempts: number;
  readonly body: unknown;
  ack(): void;
  retry(options?: RetryOptions): void;
}

interface Batch {
  readonly queue: string;
  readonly messages: readonly Message[];
  readonly metadata: { readonly metrics: BacklogMetrics };
  ackAll(): void;
  retryAll(options?: RetryOptions): void;
}

type Decision =
  | { readonly kind: "ack" }
  | { readonly kind: "retry"; readonly delaySeconds: number | null; readonly countAttempt: boolean };

const ACK: Decision = { kind: "ack" };

export class MessageBatch {
  readonly batch: Batch;
  readonly #decisions = new Map<number, Decision>();
  #forAll: Decision | null = null;

  constructor({ queue, messages, metrics }: PushedBatch) {
    this.batch = {
      queue,
      messages: messages.map((message, index) => ({
        ...message,
        ack: () => this.#decide(index, ACK),
        retry: (options) => this.#decide(index, retryOf(options)),
      })),
      metadata: { metrics },
      ackAll: () => {
        this.#forAll ??= ACK;
      },
      retryAll: (options) => {
        this.#forAll ??= retryOf(options);
      },
    };
  }

  /** @param error what the handler, or work that it left to `waitUntil`, threw; null: nothing */
  outcome(error: string | null): PushOutcome {
    const retries = this.batch.messages.flatMap((_, index): Retry[] => {
      const decision = this.#decisions.get(index) ?? this.#forAll;
      if (decision === null) return error === null ? [] : [{ index, delaySeconds: null, error }];
      if (decision.kind === "ack") return [];
      const { delaySeconds, countAttempt } = decision;
      return [{ index, delaySeconds, error: null, ...(countAttempt ? {} : { countAttempt }) }];
    });
    return { retries };
  }

  #decide(index: number, decision: Decision): void {
    if (!this.#decisions.has(index)) this.#decisions.set(index, decision);
  }
}

/**
 * @throws {RangeError} for a delay that is no whole number of seconds from 0 to 366 days
 * @throws {TypeError} for a countAttempt that is neither true nor false
 */
function retryOf(options: RetryOptions | undefined): Decision {
  const { delaySeconds, countAttempt = true } = options ?? {};
  if (typeof countAttempt !== "boolean")
    throw new TypeError(`countAttempt: given ${String(countAttempt)}, allowed: true or false`);
  const delay = delaySeconds === undefined ? null : delayOf(delaySeconds, LONGEST_DELAY);
  return { kind: "retry", delaySeconds: delay, countAttempt };
}
