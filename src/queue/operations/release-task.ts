// An operator takes a claim away from its holder: the task is offered again, and the attempt is not counted.

import { endSomeExpired, release } from "../claims/end-attempt.ts";
import { findHead, findTask } from "../tasks/find-task.ts";
import { conflict, viewOf } from "./get-task.ts";
import { LATER } from "../turn.ts";
import type { OnQueue } from "./run.ts";

/** The holder's token names no claim from now on (P4). A task that is not claimed is left as it is, and answered. */
export const releaseTask: OnQueue<"releaseTask"> = (state, input, now, queue) => {
  endSomeExpired(state, queue, now);
  const head = findHead(state, queue, input.id);
  if (head === undefined) return { kind: "task-not-found", id: input.id };
  if (state.claims.hasRunOut(head.seq, now)) return LATER;
  const claim = state.claims.get(head.seq);
  if (claim === undefined || (input.version !== undefined && input.version !== head.version + 1)) {
    return conflict(state, head, input.id, now);
  }
  release(state, claim, now);
  const released = findTask(state, queue, input.id);
  if (released === undefined) throw new Error(`task ${head.seq} was released and has no row`);
  return viewOf(state, queue, released, now);
};
