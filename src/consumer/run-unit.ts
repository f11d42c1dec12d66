// Runs a handler over a unit of work until it settles, its time runs out, or the consumer gives up on it.

import { ConsumerStoppedError, HandlerTimedOutError } from "./handler-error.ts";
import type { HandlerLimits } from "./handler-limits.ts";
import type { Unit, UnitHandler } from "./unit.ts";

export type UnitOutcome =
  | { readonly kind: "returned" }
  | { readonly kind: "threw"; readonly error: unknown }
  /** It may go on running, but nobody waits for it. */
  | { readonly kind: "timed-out"; readonly error: HandlerTimedOutError }
  | { readonly kind: "stopped" };

/** Never rejects. */
export function runUnit<Payload>(
  unit: Unit<Payload>,
  handler: UnitHandler<Payload>,
  limits: HandlerLimits,
): Promise<UnitOutcome> {
  return new Promise((resolve) => {
    const leave = limits.on((reached) => {
      const error = reached === "stopped" ? new ConsumerStoppedError() : new HandlerTimedOutError(limits.timeoutMs);
      resolve(error instanceof HandlerTimedOutError ? { kind: "timed-out", error } : { kind: "stopped" });
      unit.abort(error);
    });
    void run(unit, handler, (outcome) => {
      leave();
      resolve(outcome);
    });
  });
}

async function run<Payload>(
  unit: Unit<Payload>,
  handler: UnitHandler<Payload>,
  settled: (outcome: UnitOutcome) => void,
): Promise<void> {
  // Whoever starts it is done first.
  await Promise.resolve();
  try {
    await handler(unit);
  } catch (error) {
    settled({ kind: "threw", error });
    return;
  }
  settled(RETURNED);
}

const RETURNED: UnitOutcome = { kind: "returned" };
