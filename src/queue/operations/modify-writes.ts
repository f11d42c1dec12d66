// Writes a modify whose references all hold. Nothing is decided here, and nothing may refuse.

import type { ChangedTask, Modified, ModifyChange, ModifyInput, ModifyInsert, SentTask } from "../../core/modify.ts";
import type { EnqueuedTask } from "../../core/operation.ts";
import { changedHead } from "./change-task.ts";
import { createdQueue } from "../created-queue.ts";
import { attemptOf } from "../claims/attempt-of.ts";
import type { Slot } from "../claims/claim.ts";
import { writeDocument } from "./documents.ts";
import { TaskInserts, timed } from "../arrivals/insert-tasks.ts";
import { forget } from "../tasks/known-ids.ts";
import type { Found, FoundTask } from "./modify-references.ts";
import { messageName } from "./outbox.ts";
import { asSent } from "../mail/sent-task.ts";
import { takeOut, type TakenOut } from "../tasks/take-out.ts";
import type { QueueState } from "../state.ts";
import { idOf, visibleAtOf } from "../tasks/task-view.ts";
import { writeHead } from "../tasks/write-head.ts";

type TaskChangeItem = Extract<ModifyChange, { readonly task: unknown }>;
type TaskInsert = Extract<ModifyInsert, { readonly task: unknown }>;

export function writeModify(state: QueueState, input: ModifyInput, found: Found, now: number, name: string): Modified {
  deleteAll(state, input, found, now);
  const touched = new Set<Slot>();
  const changed = input.change.map((item) => {
    if (!("document" in item)) return changeTask(state, item, foundTask(found, item), touched, now);
    const { key } = item.document;
    return { document: versionOf(writeDocument(state, key, item.value, found.documents.get(key), now)) };
  });
  for (const slot of touched) state.claimRows.put(state.claims.rowOf(slot, state.progress()));
  forget(state, found.ids);
  return { inserted: insertAll(state, input, found, now, name), changed };
}

function insertAll(
  state: QueueState,
  { insert }: ModifyInput,
  found: Found,
  now: number,
  name: string,
): Modified["inserted"] {
  if (insert.length === 0) return [];
  const queue = createdQueue(state, name, now);
  const tasks = new TaskInserts(state, queue, now);
  const inserted = insert.map((item) => {
    if ("document" in item) {
      const { key, value } = item.document;
      return { document: versionOf(writeDocument(state, key, value, undefined, now)) };
    }
    if (item.queue !== undefined) return sendTask(state, item, item.queue, now);
    const taken: EnqueuedTask | undefined = found.ids.taken.get(item.task.id ?? "");
    return taken ?? tasks.insert(timed(item.task, now));
  });
  tasks.end();
  return inserted;
}

function deleteAll(state: QueueState, input: ModifyInput, found: Found, now: number): void {
  const acked: TakenOut[] = [];
  const cancelled: TakenOut[] = [];
  for (const item of input.delete) {
    if ("document" in item) {
      state.documents.delete(item.document.key);
      state.keepKeys(item.document.version);
      continue;
    }
    const { head, claim } = foundTask(found, item);
    (claim === undefined ? cancelled : acked).push({ ...head, hasId: head.taskId !== null && head.origin === null });
  }
  takeOut(state, acked, now, "acked");
  takeOut(state, cancelled, now, "cancelled");
}

function changeTask(
  state: QueueState,
  { change, keepClaim }: TaskChangeItem,
  { head, claim }: FoundTask,
  touched: Set<Slot>,
  now: number,
): ChangedTask {
  const id = idOf(state.lives, head);
  const payload = change.payload ?? null;
  const changed = { ...head, ...changedHead(head, change, now) };
  if (claim === undefined) {
    const { version, visibleAt, seq } = writeHead(state, head, changed, payload);
    return { id, version, visibleAt: visibleAtOf({ visibleAt, seq }), claimedUntil: null };
  }
  if (keepClaim === undefined) {
    // The attempt ends in a commit, as by an ack: the task begins again. It goes into the ready index, since the reading of
    // arrivals has passed it.
    const visibleAt = Math.max(change.visibleAt ?? now + (change.delayMs ?? 0), now);
    const version = head.version + 2;
    const again = { ...changed, version, attempts: 0, error: null, visibleAt };
    writeHead(state, head, again, payload, attemptOf(claim, "acked", null, now));
    state.claims.remove(head.seq);
    return { id, version, visibleAt, claimedUntil: null };
  }
  const { seq, visibleAt, version, lane, priority } = writeHead(state, head, changed, payload);
  // The claim's row names the task at its row's place and version, which have moved: it is written again, once for each
  // claim call.
  state.claims.changed(claim, { seq, version, lane, priority, visibleAt });
  if (keepClaim.claimTimeoutMs !== undefined) state.claims.extend(claim, now + keepClaim.claimTimeoutMs);
  touched.add(claim.slot);
  return { id, version: version + 1, visibleAt: visibleAtOf({ visibleAt, seq }), claimedUntil: claim.expiresAt };
}

/** Commits with the rest, and arrives later, once (P9). */
function sendTask(state: QueueState, { task }: TaskInsert, queue: string, now: number): SentTask {
  const seq = state.outbox.send(
    { receiver: queue, kind: "insert", body: asSent(timed(task, now)), payload: task.payload },
    now,
  );
  return { queue, message: messageName(seq), onItsWay: true };
}

function foundTask(found: Found, item: Parameters<Found["tasks"]["get"]>[0]): FoundTask {
  const task = found.tasks.get(item);
  if (task === undefined) throw new Error("a reference that was checked is not among the found");
  return task;
}

function versionOf({ key, version }: { readonly key: string; readonly version: number }) {
  return { key, version };
}
