// The database was put back to an earlier moment, by the platform or as a file, while consumers and other queues remember what came
// after it. The queue cannot see that by itself, since all that it knows was put back too: somebody notifies it.

import { instantOf } from "../../core/sequence.ts";
import { beginLife } from "../begin-life.ts";
import type { ByName } from "./run.ts";

/** Also of a deleted queue, which may have been made again in the time that is lost. */
export const reincarnate: ByName<"reincarnate"> = (state, input, now, name) => {
  const before = state.row;
  if (before === null) return { kind: "queue-not-found" };
  state.writeGathered();
  state.exports.end();
  const times = input?.times ?? null;
  state.outbox.passOver(now, times ?? 1);
  const { last } = state.sequence;
  // The directory, and senders of pushes, distinguish two lives of a queue by when it was made.
  // Its name is that of the object, whichever queue's database was put there.
  const row = { ...before, name, createdAt: before.createdAt + 1, lastKey: last };
  const { tag, former } = beginLife(state, row, last, now, times);
  state.isReplaced = true;
  return { kind: "reincarnated", incarnation: former.length + 1, tag, knownUntil: instantOf(last) };
};
