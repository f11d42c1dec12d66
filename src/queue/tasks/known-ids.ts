// Which ids are taken (P10): by a task that is here, or by one that was finished within the dedupe window. Reads only.

import type { EnqueuedTask } from "../../core/operation.ts";
import { keyOfTaskId } from "../../core/task-id.ts";
import { DEAD, DONE, type NamedTask, type TaskRow } from "../../store/task-row.ts";
import { headByKey } from "./find-task.ts";
import type { Place } from "../facts.ts";
import { renameBlocker } from "../keys/blocked-key.ts";
import type { QueueState } from "../state.ts";
import { idOf, stateOf, visibleAtOf } from "./task-view.ts";

export interface KnownIds {
  /** As an enqueue answers for them. */
  readonly taken: Map<string, EnqueuedTask>;
  /** Rows remembered for their ids, whose window has ended: to be deleted before such an id is written again. */
  readonly forgotten: Place[];
  /** Dead letters that came with such an id: it is a producer's, so they give it up before it is written. */
  readonly yielding: Yielding[];
}

type Yielding = Pick<NamedTask, "seq" | "state" | "lane" | "taskId" | "bytes">;

export function knownIds(state: QueueState, ids: readonly string[], now: number): KnownIds {
  const taken = new Map<string, EnqueuedTask>();
  const forgotten: Place[] = [];
  const yielding: Yielding[] = [];
  if (ids.length === 0 || state.existing() === null) return { taken, forgotten, yielding };
  const take = (id: string, row: Pick<TaskRow, "seq" | "version" | "visibleAt" | "state">): void => {
    const claim = state.claims.get(row.seq);
    const version = claim === undefined ? row.version : row.version + 1;
    const found = row.state === DONE ? "done" : stateOf(row, claim, now);
    taken.set(id, { id, version, visibleAt: visibleAtOf(row), duplicate: true, state: found });
  };
  for (const row of state.tasks.byTaskIds(ids)) {
    if (row.taskId === null) continue;
    if (row.isLetter === 1) yielding.push(row);
    else if (row.state === DONE && row.endsAt !== null && row.endsAt <= now) forgotten.push(row);
    else take(row.taskId, row);
  }
  if (state.aside.areThere) {
    for (const { seq, version, taskId } of state.aside.rememberedIds(ids, now)) {
      if (!taken.has(taskId)) take(taskId, { seq, version, visibleAt: null, state: DONE });
    }
  }
  for (const id of ids) {
    // An id that this queue itself made.
    const key = taken.has(id) ? null : keyOfTaskId(state.lives, id);
    const row = key === null ? undefined : headByKey(state, key);
    if (row !== undefined && row.taskId === null) take(id, row);
  }
  return { taken, forgotten, yielding };
}

/**
 * Has dead letters go by ids of the queue's own from now on, as many as one turn writes anew, and one at least. True: there are
 * more, to be asked for again in the next turn.
 */
export function giveUpIds(state: QueueState, { yielding }: KnownIds, now: number): boolean {
  const seqs: number[] = [];
  for (const { seq, state: is, lane, taskId, bytes } of yielding) {
    if (seqs.length > 0 && state.scans.isRewritten) break;
    state.scans.rewrote(bytes);
    seqs.push(seq);
    if (is === DEAD && taskId !== null)
      renameBlocker(state, lane, taskId, idOf(state.lives, { seq, taskId: null }), now);
  }
  state.tasks.giveUpIds(seqs);
  return seqs.length < yielding.length;
}

/** Deletes the remembered ids whose window has ended. */
export function forget(state: QueueState, { forgotten }: KnownIds): void {
  state.tasks.delete(forgotten.map(({ seq }) => seq));
  for (const place of forgotten) state.facts.say("forgotten", place, null);
}
