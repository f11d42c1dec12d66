// What is done with claims: ack, nack and extend, over a caller.

import type { WireExtendResult, WireItemResult, WireNackItem, WireOperations } from "../protocol/wire-operations.ts";
import { Batcher, type BatchPolicy } from "./batcher.ts";
import type { CallControl, Caller } from "./caller.ts";
import { ClaimLostError } from "./edgeq-error.ts";
import type { ClaimedTask } from "./task.ts";

/** A claimed task, or its claim token alone. */
export type ClaimRef = string | Pick<ClaimedTask, "claim" | "claimedUntil">;

export type ClaimOptions = CallControl & WireOperations["claim"]["body"];

/** How to end a claim without success. */
export interface NackOptions {
  /** ms until the task is offered again, 0 to 366 days; absent: the queue's backoff. */
  readonly delayMs?: number;
  /** Kept with the task, cut at 1,024 characters. */
  readonly error?: string;
  /** True: given back as if never claimed, no attempt counted. Without the others. */
  readonly release?: boolean;
  /** True: no further attempt, dead at once. Without `delayMs`. */
  readonly dead?: boolean;
}

export type NackItem = NackOptions & { readonly claim: ClaimRef };

export class Claims {
  readonly #caller: Caller;
  readonly #acks: Batcher<ClaimRef, WireItemResult> | null;

  constructor(caller: Caller, batch: BatchPolicy | null) {
    this.#caller = caller;
    this.#acks = batch === null ? null : new Batcher(batch, (claims) => this.ackBatch(claims, {}));
  }

  async ack(claim: ClaimRef, control: CallControl): Promise<void> {
    const result =
      this.#acks === null ? (await this.ackBatch([claim], control))[0] : await this.#acks.submit(claim, control.signal);
    held(result);
  }

  async ackBatch(claims: readonly ClaimRef[], control: CallControl): Promise<WireItemResult[]> {
    if (claims.length === 0) return [];
    const { answer, isRepeat } = await this.#caller.call("ack", { claims: claims.map(tokenOf) }, control);
    if (!isRepeat) return [...answer.results];
    return answer.results.map((result, index) => afterRepeat(result, claims[index]));
  }

  async nack(claim: ClaimRef, options: NackOptions & CallControl): Promise<void> {
    const { control, body } = split(options);
    held((await this.nackBatch([{ claim, ...body }], control))[0]);
  }

  async nackBatch(items: readonly NackItem[], control: CallControl): Promise<WireItemResult[]> {
    if (items.length === 0) return [];
    const claims = items.map(({ claim, ...how }): WireNackItem => ({ ...how, claim: tokenOf(claim) }));
    const { answer } = await this.#caller.call("nack", { claims }, control);
    return [...answer.results];
  }

  async extend(claim: ClaimRef, claimTimeoutMs: number, control: CallControl): Promise<number> {
    return held((await this.extendBatch([claim], claimTimeoutMs, control))[0]).claimedUntil;
  }

  async extendBatch(
    claims: readonly ClaimRef[],
    claimTimeoutMs: number,
    control: CallControl,
  ): Promise<WireExtendResult[]> {
    if (claims.length === 0) return [];
    const body = { claims: claims.map(tokenOf), claimTimeoutMs };
    return [...(await this.#caller.call("extend", body, control)).answer.results];
  }
}

/** A call's options are its control and its body in one object, as its user writes them. */
export function split<Options extends CallControl>(
  options: Options,
): { control: CallControl; body: Omit<Options, keyof CallControl> } {
  const { signal, timeoutMs, retry, ...body } = options;
  const control: CallControl = {
    ...(signal === undefined ? {} : { signal }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(retry === undefined ? {} : { retry }),
  };
  return { control, body };
}

function tokenOf(claim: ClaimRef): string {
  return typeof claim === "string" ? claim : claim.claim;
}

/**
 * An ack that was sent again because the first got no answer, and whose task is now gone while the claim would still be
 * held: it was the first that did it, since nobody else could have (P3, P5). Judged by this machine's clock, and not at
 * all for a bare token, which does not say until when.
 */
function afterRepeat(result: WireItemResult, claim: ClaimRef | undefined): WireItemResult {
  const isGone = !result.ok && result.code === "task-not-found";
  const isHeld = typeof claim === "object" && claim.claimedUntil > Date.now();
  return isGone && isHeld ? { claim: result.claim, ok: true } : result;
}

function held<Result extends WireItemResult | WireExtendResult>(
  result: Result | undefined,
): Extract<Result, { ok: true }> {
  if (result === undefined) throw new Error("the server answered with fewer results than there were claims");
  if (!result.ok) throw new ClaimLostError(result.claim, result.code);
  return result as Extract<Result, { ok: true }>;
}
