// Makes one call through a transport until there is an answer: each attempt under its time limit, with waits between them,
// and what cannot be mended thrown as a named error.

import type { WireAnswer, WireBody, WireOperationName } from "../protocol/wire-operations.ts";
import type { Clock } from "./clock.ts";
import { UnreachableError } from "./edgeq-error.ts";
import { problemError } from "./problem-error.ts";
import {
  isRepeatable,
  mayRetry,
  retryDelayMs,
  retryPolicy,
  type RetryOptions,
  type RetryPolicy,
} from "./retry-policy.ts";
import type { CallOutcome, Transport } from "./transport.ts";
import { TimedOut, withTimeout } from "./with-timeout.ts";

/** What every call takes. */
export interface CallControl {
  /** Ends the call: it rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Limit of one attempt. ms; absent: the queue's. */
  readonly timeoutMs?: number;
  /** Absent: the queue's. `false`: send once. */
  readonly retry?: RetryOptions | false;
}

export interface Answered<Answer> {
  readonly answer: Answer;
  /** True: an earlier attempt went without an answer, and may have taken effect. */
  readonly isRepeat: boolean;
}

export interface CallerSettings {
  readonly queue: string;
  readonly transport: Transport;
  readonly policy: RetryPolicy;
  readonly timeoutMs: number;
  readonly clock: Clock;
}

export class Caller {
  readonly #settings: CallerSettings;

  constructor(settings: CallerSettings) {
    this.#settings = settings;
  }

  /** @param extraMs what the call is allowed to take beyond the time limit, because it waits on purpose */
  async call<Name extends WireOperationName>(
    operation: Name,
    body: WireBody<Name>,
    control: CallControl,
    extraMs = 0,
  ): Promise<Answered<WireAnswer<Name>>> {
    const { clock } = this.#settings;
    const policy = control.retry === undefined ? this.#settings.policy : retryPolicy(control.retry);
    const timeoutMs = (control.timeoutMs ?? this.#settings.timeoutMs) + extraMs;
    let isRepeat = false;
    for (let attempt = 1; ; attempt += 1) {
      const outcome = await this.#attempt(operation, body, timeoutMs, control.signal);
      if (outcome.kind === "answer") return { answer: outcome.answer, isRepeat };
      if (attempt >= policy.attempts || !mayRetry(outcome, isRepeatable(operation, body)))
        throw failure(outcome, attempt);
      const isRefused = outcome.kind === "problem";
      isRepeat ||= !isRefused || outcome.problem.status === 500;
      await clock.sleep(
        retryDelayMs(policy, attempt, isRefused ? outcome.retryAfterMs : null, clock.random()),
        control.signal,
      );
    }
  }

  async #attempt<Name extends WireOperationName>(
    operation: Name,
    body: WireBody<Name>,
    timeoutMs: number,
    signal: AbortSignal | undefined,
  ): Promise<CallOutcome<WireAnswer<Name>>> {
    const { transport, queue } = this.#settings;
    try {
      return await withTimeout(timeoutMs, signal, (limited) =>
        transport.call(queue, operation, body, { signal: limited }),
      );
    } catch (error) {
      if (error instanceof TimedOut) return { kind: "unreachable", cause: error };
      throw error;
    }
  }
}

function failure(outcome: Exclude<CallOutcome<unknown>, { kind: "answer" }>, attempts: number): Error {
  return outcome.kind === "problem"
    ? problemError(outcome.problem, outcome.retryAfterMs)
    : new UnreachableError(attempts, outcome.cause);
}
