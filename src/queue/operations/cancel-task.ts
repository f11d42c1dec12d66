// Deletes a task before it is done. One that is claimed only by force: its holder's ack will then find it gone (P5).

import { endSomeExpired } from "../claims/end-attempt.ts";
import { findHead } from "../tasks/find-task.ts";
import { conflict } from "./get-task.ts";
import { takeOut } from "../tasks/take-out.ts";
import { LATER } from "../turn.ts";
import type { OnQueue } from "./run.ts";

export const cancelTask: OnQueue<"cancelTask"> = (state, input, now, queue) => {
  endSomeExpired(state, queue, now);
  const row = findHead(state, queue, input.id);
  if (row === undefined) return { kind: "task-not-found", id: input.id };
  if (state.claims.hasRunOut(row.seq, now)) return LATER;
  const isClaimed = state.claims.get(row.seq) !== undefined;
  const version = isClaimed ? row.version + 1 : row.version;
  if ((isClaimed && !input.force) || (input.version !== undefined && input.version !== version)) {
    return conflict(state, row, input.id, now);
  }
  takeOut(state, [{ ...row, hasId: row.taskId !== null && row.origin === null }], now, "cancelled");
  return { kind: "cancelled", id: input.id };
};
