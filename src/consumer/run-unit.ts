// Runs a handler over a unit of work until it settles, its time is over, or the consumer gives up on it.

import type { Clock } from "../client/clock.ts";
import { ConsumerStoppedError, HandlerTimedOutError } from "./handler-error.ts";
import type { Unit, UnitHandler } from "./unit.ts";

export type UnitOutcome =
  | { readonly kind: "returned" }
  | { readonly kind: "threw"; readonly error: unknown }
  /** It may go on running, but nobody waits for it. */
  | { readonly kind: "timed-out"; readonly error: HandlerTimedOutError }
  | { readonly kind: "stopped" };

/** @param stopped aborted: handlers have had their time to finish */
export async function runUnit<Payload>(
  unit: Unit<Payload>,
  handler: UnitHandler<Payload>,
  timeoutMs: number,
  clock: Clock,
  stopped: AbortSignal,
): Promise<UnitOutcome> {
  const over = new AbortController();
  const stop = (): void => over.abort();
  stopped.addEventListener("abort", stop, { once: true });
  if (stopped.aborted) stop();
  const limit = clock.sleep(timeoutMs, over.signal).then(
    (): UnitOutcome => ({ kind: "timed-out", error: new HandlerTimedOutError(timeoutMs) }),
    (): UnitOutcome => ({ kind: "stopped" }),
  );
  const work = Promise.resolve()
    .then(() => handler(unit))
    .then(
      (): UnitOutcome => ({ kind: "returned" }),
      (error: unknown): UnitOutcome => ({ kind: "threw", error }),
    );
  const outcome = await Promise.race([work, limit]);
  stopped.removeEventListener("abort", stop);
  over.abort();
  if (outcome.kind === "timed-out") unit.abort(outcome.error);
  if (outcome.kind === "stopped") unit.abort(new ConsumerStoppedError());
  return outcome;
}
