// A new incarnation of a queue: a life of its database in which no id, claim token or message number of another life names anything.

import { LIMITS } from "../core/limits.ts";
import { INDEXED_FROM } from "../core/sequence.ts";
import { newTag, type FormerLife } from "../core/task-id.ts";
import type { QueueRow } from "../store/queue-statements.ts";
import { DIRECTORY } from "./mail/directory.ts";
import type { QueueState } from "./state.ts";

/**
 * Gives the database a new tag. Its tasks keep their ids; what is claimed stays claimed until its deadline, by tokens that settle
 * nothing any more. The memory of the state is that of the former life, and must be built anew.
 *
 * @param row the queue as it is from now on, still under the tag of its former life
 * @param upTo the last key that was given out in that life, as far as the database knows
 * @param timesPutBack how often it has been put back, of which the directory hears; null: it was not, or nobody counts
 */
export function beginLife(
  state: QueueState,
  row: QueueRow,
  upTo: number,
  now: number,
  timesPutBack: number | null = null,
): QueueRow {
  const { name, createdAt } = row;
  const begun: QueueRow = {
    ...row,
    tag: newTag(() => state.chance.random()),
    former: [...stillNamed(state, row.former), { tag: row.tag, upTo }],
  };
  // Sockets of another life hold nothing in this one.
  state.claimRows.forgetHolders();
  state.put(begun);
  if (begun.deletedAt === null) {
    const body = JSON.stringify({ name, createdAt, ...(timesPutBack === null ? {} : { timesPutBack }) });
    state.outbox.send({ receiver: DIRECTORY, kind: "register", body, payload: null }, now);
  }
  return begun;
}

/**
 * The lives whose ids and tokens may still be heard of: the last ones, whatever is left of them, and those of before of which tasks are
 * there. A task is named by the life that its key falls into, so that nothing else changes when one without any goes.
 */
function stillNamed({ tasks }: QueueState, former: readonly FormerLife[]): FormerLife[] {
  const firstKept = former.length - LIMITS.formerLives + 1;
  return former.filter(({ upTo }, index) => index >= firstKept || holdsAny(tasks, former[index - 1]?.upTo ?? -1, upTo));
}

/** Whether there is a task whose key is after one and up to another: a run is of one life. */
function holdsAny(tasks: QueueState["tasks"], after: number, upTo: number): boolean {
  return [0, INDEXED_FROM].some((first) => (tasks.seqAfter(first + after, 1) ?? Infinity) <= first + upTo);
}
