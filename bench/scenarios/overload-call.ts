// One call to a server that may have too much to do, and what came of it.
import type { HeldConnection } from "../measure/held-connections.ts";

/** Statuses by which a server says "not now". */
const refusals = new Set([429, 503]);

export interface Outcome {
  readonly kind: "accepted" | "refused" | "failed";
  readonly ms: number;
}

export async function callOver(connection: HeldConnection, request: string): Promise<Outcome> {
  const sentAt = performance.now();
  const status = await connection.send(request);
  const ms = performance.now() - sentAt;
  if (status === 200 || status === 201) return { kind: "accepted", ms };
  return { kind: status !== null && refusals.has(status) ? "refused" : "failed", ms };
}
