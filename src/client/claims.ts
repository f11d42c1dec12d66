// The half of a queue that consumers use: claiming, and what is done with claims.

import { MAX_WAIT_MS } from "../protocol/call-limits.ts";
import type {
  WireAnswer,
  WireBody,
  WireExtendResult,
  WireItemResult,
  WireNackItem,
  WireNackOptions,
  WireOperations,
} from "../protocol/wire-operations.ts";
import type { WireClaimedTask } from "../protocol/wire-task.ts";
import { accepted } from "./accepted.ts";
import { Batcher, type BatchPolicy } from "./batcher.ts";
import { bodyOf, type CallControl, type Caller } from "./caller.ts";
import { ClaimLostError, EdgeqError, InvalidOptionError } from "./edgeq-error.ts";
import { nackError } from "./nack-error.ts";
import { only } from "./one-of-batch.ts";
import { arrayOption, integerOption, objectOption } from "./option.ts";
import type { StandardSchema } from "./standard-schema.ts";
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
export type NackOptions = WireNackOptions;
export type NackItem = NackOptions & { readonly claim: ClaimRef };

/** Claims of one queue's tasks. A `Queue` is one of these. */
export class QueueClaims<Claimed = unknown> {
  readonly #caller: Caller;
  readonly #schema: StandardSchema<unknown, Claimed> | null;
  readonly #acks: Batcher<ClaimRef, WireItemResult> | null;
  /**
   * Until when claims are held, by the client's own clock, which nobody sets. While one would still be held nobody else can have ended
   * it (P3), so a call that was sent again has then met what its first sending did.
   */
  readonly #deadlines = new WeakMap<object, number>();

  /** @param schema what claimed payloads go through; null: they are taken as they are */
  constructor(caller: Caller, schema: StandardSchema<unknown, Claimed> | null, batch: BatchPolicy | null) {
    this.#caller = caller;
    this.#schema = schema;
    this.#acks = batch && new Batcher(batch, (claims) => this.ackBatch(claims));
  }

  /**
   * Takes up to `max` ready tasks (1 to 1,000, default 1) for `claimTimeoutMs` (default: the queue's).
   *
   * @param options `waitMs` (0 to 20,000, default 0) waits for a task when none is ready; `lanes` in order of preference, or
   *   `{any: [...]}` taking turns; `claimant` a name to show
   * @returns the claimed tasks, none when there are none. Rejects with QueuePausedError while the queue is paused.
   */
  async claim(options: ClaimOptions = {}): Promise<ClaimedTask<Claimed>[]> {
    const { onInvalid: _onInvalid, ...body } = bodyOf(options);
    const waitMs = integerOption("waitMs", body.waitMs, [0, MAX_WAIT_MS, 0]);
    const { tasks } = (await this.#caller.call("claim", body, options, waitMs)).answer;
    const now = this.#caller.clock.now();
    const claimed = await this.accept(tasks, options);
    for (const task of claimed) this.#deadlines.set(task, now + (body.claimTimeoutMs ?? remainingMs(task)));
    return claimed;
  }

  /**
   * Claimed tasks as `claim` answers with them, from their wire form: for whoever receives them in another way. With
   * `validateClaims`, those that their schema refuses are dead, those over which it throws have failed; both are left out.
   */
  async accept(
    wireTasks: readonly WireClaimedTask[],
    { onInvalid, ...control }: AcceptOptions = {},
  ): Promise<ClaimedTask<Claimed>[]> {
    const [valid, invalid] = await accepted(wireTasks, this.#schema, onInvalid);
    try {
      await this.nackBatch(invalid, control);
    } catch (error) {
      // They come back after their claim timeout, and are refused again; the valid ones must not be lost over them, though the call be given up.
      if (!(error instanceof EdgeqError || control.signal?.aborted)) throw error;
    }
    return valid;
  }

  /** The task is done. Rejects with ClaimLostError when the claim is not held any more (P4). */
  async ack(claim: ClaimRef, control: CallControl = {}): Promise<void> {
    // Before it goes with others, which would fail for it.
    tokenOf(claim);
    held(this.#acks ? await this.#acks.submit(claim, control.signal) : only(await this.ackBatch([claim], control)));
  }

  /** Up to 1,000 at once; a result each, in order. A lost claim is a result, not an error. */
  async ackBatch(claims: readonly ClaimRef[], control: CallControl = {}): Promise<WireItemResult[]> {
    // Only an ack takes the task out, so only its absence shows that the first sending did it.
    return this.#sent("ack", claims, { claims: tokensOf(claims) }, control, (code) =>
      code === "task-not-found" ? {} : null,
    );
  }

  /** Gives the task back after a failure. Rejects with ClaimLostError. */
  async nack(claim: ClaimRef, options: NackOptions & CallControl = {}): Promise<void> {
    held(only(await this.nackBatch([{ claim, ...bodyOf(options) }], options)));
  }

  /** Up to 1,000 at once, each with its own options; a result each, in order. */
  async nackBatch(items: readonly NackItem[], control: CallControl = {}): Promise<WireItemResult[]> {
    arrayOption("items", items);
    const sent = items.map((item, index): WireNackItem => {
      objectOption(`items[${index}]`, item);
      const { claim, error, ...how } = item;
      return { ...how, claim: tokenOf(claim), ...(error !== undefined && { error: nackError(error) }) };
    });
    const claims = items.map(({ claim }) => claim);
    return this.#sent("nack", claims, { claims: sent }, control, () => ({}));
  }

  /** Keeps the claim for `claimTimeoutMs` from now; answers with the new deadline. Rejects with ClaimLostError. */
  async extend(claim: ClaimRef, claimTimeoutMs: number, control: CallControl = {}): Promise<number> {
    return held(only(await this.extendBatch([claim], claimTimeoutMs, control))).claimedUntil;
  }

  /** Up to 1,000 at once; a result each, in order. */
  async extendBatch(
    claims: readonly ClaimRef[],
    claimTimeoutMs: number,
    control: CallControl = {},
  ): Promise<WireExtendResult[]> {
    const { clock } = this.#caller;
    const endsAt = clock.now() + claimTimeoutMs;
    const body = { claims: tokensOf(claims), claimTimeoutMs };
    const results = await this.#sent("extend", claims, body, control, () => {
      // The first sending made it end sooner than it would have, and by now it has.
      const overMs = clock.now() - endsAt;
      return overMs < 0 ? null : { claimedUntil: Math.round(Date.now() - overMs) };
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
   * @param done what the first of two sendings has done, if the second is refused for it and nobody else can have ended the claim;
   *   null: it is refused for something else
   */
  async #sent<Name extends "ack" | "nack" | "extend">(
    operation: Name,
    claims: readonly ClaimRef[],
    body: WireBody<Name>,
    control: CallControl,
    done: (refused: Refused["code"]) => Omit<Done<Name>, "claim" | "ok"> | null,
  ): Promise<ResultOf<Name>[]> {
    if (claims.length === 0) return [];
    // Reckoned before the call is sent, so that time that passes meanwhile counts. A bare token does not say how long it is held.
    const { clock } = this.#caller;
    const now = clock.now();
    const deadlines = claims.map((claim) =>
      typeof claim === "string" ? now : (this.#deadlines.get(claim) ?? now + remainingMs(claim)),
    );
    const { answer, isRepeat } = await this.#caller.call(operation, body, control);
    return answer.results.map((result, index) => {
      if (result.ok || !isRepeat || (deadlines[index] ?? 0) <= clock.now()) return result;
      const own = done(result.code);
      return own ? { claim: result.claim, ok: true, ...own } : result;
    });
  }
}

/** How long a claim is held by the clock on the wall, which is believed for as long as this takes. */
function remainingMs({ claimedUntil }: Exclude<ClaimRef, string>): number {
  return claimedUntil - Date.now();
}

type Refused = Extract<WireItemResult, { ok: false }>;
type Done<Name extends "ack" | "nack" | "extend"> = Extract<ResultOf<Name>, { ok: true }>;
type ResultOf<Name extends "ack" | "nack" | "extend"> = WireAnswer<Name>["results"][number];

function tokensOf(claims: readonly ClaimRef[]): string[] {
  arrayOption("claims", claims);
  return claims.map(tokenOf);
}

function tokenOf(claim: ClaimRef): string {
  // Such as the first of no tasks.
  const token: unknown = typeof claim === "string" ? claim : Object(claim).claim;
  if (typeof token === "string") return token;
  throw new InvalidOptionError("claim", claim, "a claimed task, or its token");
}

function held<Result extends WireItemResult | WireExtendResult>(result: Result): Extract<Result, { ok: true }> {
  if (!result.ok) throw new ClaimLostError(result.claim, result.code);
  return result as Extract<Result, { ok: true }>;
}
