// Makes one call through a transport until there is an answer: each attempt under its time limit, with waits between them,
// and what cannot be mended thrown as a named error.

import type { WireAnswer, WireBody, WireOperationName } from "../protocol/wire-operations.ts";
import type { Clock } from "./clock.ts";
import { EdgeqError, ForeignAnswerError, InvalidOptionError, UnreachableError } from "./edgeq-error.ts";
import type { Numbering } from "./numbering.ts";
import { integerOption, objectOption } from "./option.ts";
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
import { withTimeout } from "./with-timeout.ts";

/** What every call takes. */
export interface CallControl {
  /** Ends the call: it rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Limit of one attempt. ms, 1 to 600,000; absent: the queue's. */
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
  readonly retry: RetryPolicy;
  readonly timeoutMs: number;
  readonly clock: Clock;
  /** Absent: calls are not numbered. */
  readonly numbering?: Numbering | undefined;
}

/** A call's body and its control in one object; of an operation without a body, its control. */
export type Asked<Name extends WireOperationName> = (WireBody<Name> extends Readonly<Record<string, never>>
  ? unknown
  : WireBody<Name>) &
  CallControl;

export class Caller {
  readonly #settings: CallerSettings;

  constructor(settings: CallerSettings) {
    this.#settings = settings;
  }

  get clock(): Clock {
    return this.#settings.clock;
  }

  /**
   * Rejects with InvalidOptionError, before anything is sent, for a wrong option of the call.
   *
   * @param extraMs what the call is allowed to take beyond the time limit, because it waits on purpose
   */
  async call<Name extends WireOperationName>(
    operation: Name,
    body: WireBody<Name>,
    control: CallControl,
    extraMs = 0,
  ): Promise<Answered<WireAnswer<Name>>> {
    objectOption("options", control);
    const { signal, retry } = control;
    const { numbering, clock, transport, queue } = this.#settings;
    checkSignal(signal);
    const policy = retry === undefined ? this.#settings.retry : retryPolicy(retry);
    const timeoutMs = timeoutOption(control.timeoutMs, this.#settings.timeoutMs) + extraMs;
    // Numbered, if it may be sent again and the queue would not know it again without.
    const isNumbered = NUMBERED.test(operation) && policy.attempts > 1 && !isRepeatable(operation, body);
    const begun = isNumbered ? numbering?.begin(signal) : undefined;
    const call = begun instanceof Promise ? await begun : begun;
    try {
      let isRepeat = false;
      for (let attempt = 1; ; attempt += 1) {
        let outcome: CallOutcome<WireAnswer<Name>>;
        try {
          outcome = await (transport.callWithin?.(queue, operation, body, { signal, timeoutMs, call }) ??
            withTimeout(timeoutMs, signal, (limited) =>
              transport.call(queue, operation, call ? { ...body, call } : body, { signal: limited }),
            ));
        } catch (error) {
          signal?.throwIfAborted();
          if (error instanceof EdgeqError) throw error;
          outcome = { kind: "unreachable", cause: error };
        }
        if (outcome.kind === "answer") return { answer: outcome.answer, isRepeat };
        const askedMs = (outcome.kind !== "foreign" && outcome.retryAfterMs) || 0;
        const isLast = attempt >= policy.attempts || askedMs > LONGEST_WAIT_MS;
        if (isLast || !mayRetry(outcome, !!call || isRepeatable(operation, body))) throw failure(outcome, attempt);
        isRepeat ||= outcome.kind !== "problem" || /^(500|507)/.test(`${outcome.problem.status}`);
        await clock.sleep(retryDelayMs(policy, attempt, askedMs, clock.random()), signal);
      }
    } finally {
      if (call) numbering?.end(call);
    }
  }

  /** A call whose options are its body and its control in one object, as its user writes them. */
  async ask<Name extends WireOperationName>(operation: Name, options: Asked<Name>): Promise<WireAnswer<Name>> {
    return (await this.call(operation, bodyOf(options), options)).answer;
  }
}

/** A call's options without those of the call itself. */
export function bodyOf<Options extends CallControl>(options: Options) {
  objectOption("options", options);
  const { signal: _signal, timeoutMs: _timeoutMs, retry: _retry, ...body } = options;
  return body;
}

const NUMBERED = /^(enqueue|modify)$/;

/** What the server may ask a call to wait; asked for more, the call ends with that error. ms */
export const LONGEST_WAIT_MS = 600_000;

export const MAX_TIMEOUT_MS = 600_000;

export function timeoutOption(given: number | undefined, absent: number): number {
  return integerOption("timeoutMs", given, [1, MAX_TIMEOUT_MS, absent]);
}

function checkSignal(signal: unknown): void {
  if (signal !== undefined && typeof (signal as AbortSignal | null)?.aborted !== "boolean")
    throw new InvalidOptionError("signal", signal, "an AbortSignal");
}

/** The error that a call without an answer rejects with. */
export function failure(outcome: Exclude<CallOutcome<unknown>, { kind: "answer" }>, attempts: number): Error {
  if (outcome.kind === "problem") return problemError(outcome.problem, outcome.retryAfterMs);
  return outcome.kind === "foreign"
    ? new ForeignAnswerError(outcome.cause)
    : new UnreachableError(attempts, outcome.cause);
}
