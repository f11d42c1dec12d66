// Offers dead tasks again: those that died here in place, those that came here as dead letters back where they died.

import { LIMITS } from "../../core/limits.ts";
import type { OutcomeOf } from "../../core/operation.ts";
import { instantOf } from "../../core/sequence.ts";
import { taskKeyOf } from "../../core/stored-lane.ts";
import { DEAD, DONE, LIVE, type TaskRow } from "../../store/task-row.ts";
import { asRedrive } from "../mail/dead-letter.ts";
import { endExpired } from "../claims/end-attempt.ts";
import { unblockKey } from "../keys/blocked-key.ts";
import { findTask } from "../tasks/find-task.ts";
import { settle } from "../tasks/settle.ts";
import type { QueueState } from "../state.ts";
import { idOf, originOf } from "../tasks/task-view.ts";

/**
 * At most `limit` tasks, all that are dead or the named ones. A redriven task begins again: no attempts, no TTL, visible
 * now. Claimed dead letters are left to their claimants.
 */
export function redrive(
  state: QueueState,
  input: { readonly ids?: readonly string[]; readonly limit: number },
  now: number,
): OutcomeOf<"redrive"> {
  const queue = state.existing();
  if (queue === null) return { kind: "queue-not-found" };
  endExpired(state, queue, now, LIMITS.sweepBatch);
  if (input.ids !== undefined) {
    const named = input.ids.map((id) => ({ id, row: findTask(state, queue, id) }));
    const isRedriven = named.map(({ row }) => row !== undefined && redriveOne(state, row, now));
    const notFound = named.filter((_, index) => !isRedriven[index]).map(({ id }) => id);
    return { kind: "redriven", tasks: named.length - notFound.length, notFound, more: false };
  }
  let tasks = 0;
  let bytes = 0;
  const isFull = (): boolean => tasks >= input.limit || bytes > LIMITS.claimBytes;
  for (const row of eachDead(state, input.limit)) {
    if (isFull()) return { kind: "redriven", tasks, notFound: [], more: true };
    if (!redriveOne(state, row, now)) continue;
    tasks += 1;
    bytes += typeof row.payload === "string" ? row.payload.length : row.payload.byteLength;
  }
  return { kind: "redriven", tasks, notFound: [], more: isFull() };
}

/** Dead tasks of this queue, then rows that may be dead letters; at most a page scan's worth of the latter. */
function* eachDead(state: QueueState, limit: number): Generator<TaskRow> {
  yield* state.tasks.firstDead(limit);
  let after = 0;
  for (let scanned = 0; scanned < LIMITS.pageScan;) {
    const rows = state.tasks.window(after + 1, LIMITS.sweepBatch);
    for (const row of rows) if (row.state === LIVE && row.origin !== null) yield row;
    if (rows.length === 0) return;
    scanned += rows.length;
    after = rows.at(-1)?.seq ?? after;
  }
}

function redriveOne(state: QueueState, row: TaskRow, now: number): boolean {
  if (row.state === DONE || state.claims.get(row.seq) !== undefined) return false;
  if (row.state === DEAD) {
    // Before the tasks of its key that came after it, which have waited for it.
    const queue = state.existing();
    const isStrict = taskKeyOf(row.lane) !== null && state.keys.settings.order === "strict";
    const visibleAt = isStrict ? instantOf(row.seq) : now;
    state.tasks.revive(row.seq, visibleAt);
    state.facts.say("redriven", row, { ...row, state: LIVE, visibleAt });
    state.levels.added(row.lane, row.priority, visibleAt, row.seq);
    if (queue !== null) unblockKey(state, row.lane, idOf(queue.tag, row), now);
    return true;
  }
  const origin = originOf(row);
  if (origin === null) return false;
  state.send({ receiver: origin.queue, kind: "redrive", body: asRedrive(row, origin), payload: row.payload }, now);
  settle(state, [{ ...row, hasId: false, inRun: null }], now, "moved");
  return true;
}
