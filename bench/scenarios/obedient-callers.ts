// Callers that each have a call to make every so often, and wait as long as they are told when they are refused: what a server is
// offered by clients that obey its Retry-After, as edgeq's own does.
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import type { HeldConnection } from "../measure/held-connections.ts";
import { callOver, type Outcome } from "./overload-call.ts";

/** What edgeq's client adds at most to its first wait, so that callers who were told the same do not come at once. */
const jitterMs = 100;

export interface ObedientCalls {
  /** Of each caller's first call. */
  readonly first: readonly Outcome[];
  readonly later: readonly Outcome[];
  /** By how much this process itself was late, at p99: what its times may be wrong by. */
  readonly ownLateMs: number;
}

/** One caller on each connection; in `everyMs` each wants to have made one call. */
export async function obedientCalls(
  connections: readonly HeldConnection[],
  request: string,
  everyMs: number,
  ms: number,
): Promise<ObedientCalls> {
  const ownDelay = monitorEventLoopDelay({ resolution: 1 });
  ownDelay.enable();
  const startedAt = performance.now();
  const endsAt = startedAt + ms;
  const first: Outcome[] = [];
  const later: Outcome[] = [];
  const caller = async (connection: HeldConnection, index: number): Promise<void> => {
    let dueAt = startedAt + (everyMs * index) / connections.length;
    for (let outcomes = first; dueAt < endsAt; outcomes = later) {
      await sleep(Math.max(0, dueAt - performance.now()));
      const from = performance.now();
      const outcome = await callOver(connection, request);
      outcomes.push(outcome);
      if (outcome.kind === "failed") return;
      const told = performance.now() + connection.retryAfterMs + Math.random() * jitterMs;
      dueAt = outcome.kind === "refused" ? told : Math.max(from + everyMs, performance.now());
    }
  };
  await Promise.all(connections.map(caller));
  ownDelay.disable();
  return { first, later, ownLateMs: ownDelay.percentile(99) / 1e6 };
}
