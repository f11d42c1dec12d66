// One action on all tasks that a search finds, done by the server in calls that each take a bounded number of them.

import { everyAnswer } from "../../client/every-answer.ts";
import type { WireApplied, WireApply } from "../../protocol/wire-apply.ts";
import { call } from "./call.ts";

/** `asOf` is that of the first call: by it a count and what follows it are about the same tasks. */
export type AppliedSoFar = Omit<WireApplied, "cursor">;

/** @throws {CallError}; the signal's reason when that is aborted, and what is done stays done */
export async function applyToAll(
  queue: string,
  request: WireApply,
  abort: AbortSignal,
  onProgress: (so: AppliedSoFar) => void,
): Promise<AppliedSoFar> {
  let so: AppliedSoFar = { tasks: 0, left: 0, lookedAt: 0, asOf: 0 };
  for await (const answer of everyAnswer((from) => call(queue, "apply", { ...request, ...from }, abort))) {
    so = {
      tasks: so.tasks + answer.tasks,
      left: so.left + answer.left,
      lookedAt: so.lookedAt + answer.lookedAt,
      asOf: so.asOf || answer.asOf,
    };
    onProgress(so);
  }
  return so;
}
