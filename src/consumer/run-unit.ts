// Runs a handler over a unit of work until it settles, its time is over, or the consumer gives up on it.

import type { Timers } from "./timers.ts";
import type { GiveUp } from "./give-up.ts";
import { ConsumerStoppedError, HandlerTimedOutError } from "./handler-error.ts";
import type { Unit, UnitHandler } from "./unit.ts";

export type UnitOutcome =
  | { readonly kind: "returned" }
  | { readonly kind: "threw"; readonly error: unknown }
  /** It may go on running, but nobody waits for it. */
  | { readonly kind: "timed-out"; readonly error: HandlerTimedOutError }
  | { readonly kind: "stopped" };

/** @param giveUp handlers have had their time to finish */
export async function runUnit<Payload>(
  unit: Unit<Payload>,
  handler: UnitHandler<Payload>,
  timeoutMs: number,
  clock: Timers,
  giveUp: GiveUp,
): Promise<UnitOutcome> {
  let ended = nothing;
  const outcome = await new Promise<UnitOutcome>((resolve) => {
    const clear = clock.after(timeoutMs, () =>
      resolve({ kind: "timed-out", error: new HandlerTimedOutError(timeoutMs) }),
    );
    const leave = giveUp.on(() => resolve({ kind: "stopped" }));
    ended = () => {
      clear();
      leave();
    };
    Promise.resolve()
      .then(() => handler(unit))
      .then(
        () => resolve({ kind: "returned" }),
        (error: unknown) => resolve({ kind: "threw", error }),
      );
  });
  ended();
  if (outcome.kind === "timed-out") unit.abort(outcome.error);
  if (outcome.kind === "stopped") unit.abort(new ConsumerStoppedError());
  return outcome;
}

function nothing(): void {}
