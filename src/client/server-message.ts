// Messages of a server over a socket, and what they say. Knows nothing of what was asked.

import type { Problem } from "../protocol/problem.ts";
import type { WireClaimedTask } from "../protocol/wire-task.ts";
import { passesByItself } from "./retryable.ts";

/** What a server sends over a socket (docs/socket.md). */
export type ServerMessage =
  | { readonly id: number; readonly ok: unknown }
  | { readonly id: number | null; readonly problem: Problem }
  | { readonly op: "tasks"; readonly tasks: readonly WireClaimedTask[] }
  | { readonly op: "lapsed" }
  | { readonly op: "sync" };

/** A frame has no headers, so what HTTP says in Retry-After goes without saying: as long as HTTP's. */
const RETRY_AFTER_MS = 1_000;

export function retryAfterMs(problem: Problem): number | null {
  const { status, retryAfterMs: asked } = problem;
  if (typeof asked === "number") return asked;
  return (status === 429 || status === 503) && passesByItself(problem) ? RETRY_AFTER_MS : null;
}

/** Whether the server does not know messages of several requests, and has made none of them. */
export function isOfJoined({ code, field }: Problem): boolean {
  return code === "invalid-request" && /^message\.(call|bodies)/.test(String(field));
}

/** null: not what a server of this protocol sends. */
export function parsedFrame(frame: string): readonly ServerMessage[] | null {
  try {
    const parsed: unknown = JSON.parse(frame);
    if (typeof parsed !== "object" || parsed === null) return null;
    return (Array.isArray(parsed) ? parsed : [parsed]) as readonly ServerMessage[];
  } catch {
    return null;
  }
}
