// What is done with claims: ack, nack and extend, over a caller.

import type {
  WireAnswer,
  WireBody,
  WireExtendResult,
  WireItemResult,
  WireNackItem,
  WireOperations,
} from "../protocol/wire-operations.ts";
import { Batcher, type BatchPolicy } from "./batcher.ts";
import { split, type CallControl, type Caller } from "./caller.ts";
import { Deadlines } from "./deadlines.ts";
import { ClaimLostError, InvalidOptionError } from "./edgeq-error.ts";
import { nackError } from "./nack-error.ts";
import { only } from "./one-of-batch.ts";
import { arrayOption, objectOption } from "./option.ts";
import type { ClaimRef, ClaimedTask } from "./task.ts";

export interface AcceptOptions extends CallControl {
  /**
   * Called for each claimed task that is left out because `validateClaims` is on and its schema refused it (`dead`: at once)
   * or threw (the attempt failed, and the queue's backoff applies).
   */
  readonly onInvalid?: (task: ClaimedTask, error: unknown, dead: boolean) => void;
}

export type ClaimOptions = AcceptOptions & WireOperations["claim"]["body"];

/** How to end a claim without success. */
export interface NackOptions {
  /** ms until the task is offered again, 0 to 366 days; absent: the queue's backoff. */
  readonly delayMs?: number;
  /** Kept with the task, cut at 1,024 characters. */
  readonly error?: string;
  /** True: given back as if never claimed, no attempt counted. Without the others. */
  readonly release?: boolean;
  /** True, with `delayMs`: given back until then, no attempt counted. Without the others. */
  readonly snooze?: boolean;
  /** True, with `delayMs`: all tasks of its key rest until then, no attempt counted. Without the others. */
  readonly limitKey?: boolean;
  /** True: no further attempt, dead at once. Without `delayMs`. */
  readonly dead?: boolean;
}

export type NackItem = NackOptions & { readonly claim: ClaimRef };

export class Claims {
  readonly #caller: Caller;
  readonly #acks: Batcher<ClaimRef, WireItemResult> | null;
  readonly #deadlines: Deadlines;

  constructor(caller: Caller, batch: BatchPolicy | null) {
    this.#caller = caller;
    this.#acks = batch === null ? null : new Batcher(batch, (claims) => this.ackBatch(claims, {}));
    this.#deadlines = new Deadlines(caller.clock);
  }

  /** Tasks that were claimed just now. @param claimTimeoutMs undefined: the queue's own */
  claimed(tasks: readonly ClaimedTask[], claimTimeoutMs: number | undefined): void {
    this.#deadlines.claimed(tasks, claimTimeoutMs);
  }

  async ack(claim: ClaimRef, control: CallControl): Promise<void> {
    // Before it goes with others, which would fail for it.
    tokenOf(claim);
    held(
      this.#acks === null
        ? only(await this.ackBatch([claim], control))
        : await this.#acks.submit(claim, control.signal),
    );
  }

  async ackBatch(claims: readonly ClaimRef[], control: CallControl): Promise<WireItemResult[]> {
    // Only an ack takes the task out, so only its absence shows that the first sending did it.
    return this.#sent("ack", claims, { claims: tokensOf(claims) }, control, ({ claim, code }) =>
      code === "task-not-found" ? { claim, ok: true } : null,
    );
  }

  async nack(claim: ClaimRef, options: NackOptions & CallControl): Promise<void> {
    const { control, body } = split(options);
    held(only(await this.nackBatch([{ claim, ...body }], control)));
  }

  async nackBatch(items: readonly NackItem[], control: CallControl): Promise<WireItemResult[]> {
    arrayOption("items", items);
    const sent = items.map((item, index): WireNackItem => {
      objectOption(`items[${index}]`, item);
      const { claim, error, ...how } = item;
      return { ...how, claim: tokenOf(claim), ...(error !== undefined && { error: nackError(error) }) };
    });
    const claims = items.map(({ claim }) => claim);
    return this.#sent("nack", claims, { claims: sent }, control, ({ claim }) => ({ claim, ok: true }));
  }

  async extend(claim: ClaimRef, claimTimeoutMs: number, control: CallControl): Promise<number> {
    return held(only(await this.extendBatch([claim], claimTimeoutMs, control))).claimedUntil;
  }

  async extendBatch(
    claims: readonly ClaimRef[],
    claimTimeoutMs: number,
    control: CallControl,
  ): Promise<WireExtendResult[]> {
    const { clock } = this.#caller;
    const endsAt = clock.now() + claimTimeoutMs;
    const body = { claims: tokensOf(claims), claimTimeoutMs };
    const results = await this.#sent("extend", claims, body, control, ({ claim }) => {
      // The first sending made it end sooner than it would have, and by now it has.
      const overMs = clock.now() - endsAt;
      return overMs < 0 ? null : { claim, ok: true, claimedUntil: Math.round(Date.now() - overMs) };
    });
    for (const [index, { ok }] of results.entries()) {
      const claim = claims[index];
      if (ok && typeof claim === "object") this.#deadlines.set(claim, endsAt);
    }
    return results;
  }

  /**
   * Sends what changes claims.
   *
   * @param own the result in place of a refusal that may be what the first of two sendings did, if nobody else can have ended the
   *   claim; null: it is none of these
   */
  async #sent<Name extends "ack" | "nack" | "extend">(
    operation: Name,
    claims: readonly ClaimRef[],
    body: WireBody<Name>,
    control: CallControl,
    own: (refused: Refused) => ResultOf<Name> | null,
  ): Promise<ResultOf<Name>[]> {
    if (claims.length === 0) return [];
    const deadlines = this.#deadlines.of(claims);
    const { answer, isRepeat } = await this.#caller.call(operation, body, control);
    return answer.results.map((result, index) => {
      const isOwn = isRepeat && !result.ok && this.#deadlines.isAhead(deadlines[index]);
      return (isOwn && own(result)) || result;
    });
  }
}

type Refused = Extract<WireItemResult, { ok: false }>;
type ResultOf<Name extends "ack" | "nack" | "extend"> = WireAnswer<Name>["results"][number];

function tokensOf(claims: readonly ClaimRef[]): string[] {
  arrayOption("claims", claims);
  return claims.map(tokenOf);
}

function tokenOf(claim: ClaimRef): string {
  // Such as the first of no tasks.
  const token: unknown = typeof claim === "string" ? claim : Object(claim).claim;
  if (typeof token === "string") return token;
  throw new InvalidOptionError("claim", claim, "a claimed task, or its claim token");
}

function held<Result extends WireItemResult | WireExtendResult>(result: Result): Extract<Result, { ok: true }> {
  if (!result.ok) throw new ClaimLostError(result.claim, result.code);
  return result as Extract<Result, { ok: true }>;
}
