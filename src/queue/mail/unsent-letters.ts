// Dead tasks that would go to the dead-letter queue but for want of room in the outbox. They are dead in place, which loses
// nothing, and go as soon as there is room.

import { LIMITS } from "../../core/limits.ts";
import { NEVER_AT, UNSENT_AT, type MeasuredHead } from "../../store/task-row.ts";
import type { Chore } from "../chores.ts";
import type { QueueState } from "../state.ts";
import { originOf, mayGoOn } from "../tasks/origin.ts";
import { gatherOut } from "../tasks/take-out.ts";
import { asDeadLetter } from "./dead-letter.ts";

export function unsentLetters(state: () => QueueState): Chore {
  return {
    name: "dead letters that wait for room",
    nextAt: (now) => (state().hasUnsent && state().outbox.hasRoomFor(1) ? now : null),
    run: (now) => sendUnsent(state(), now),
  };
}

/** As many as a turn's work and the outbox allow. */
function sendUnsent(state: QueueState, now: number): void {
  const limit = Math.min(LIMITS.sweepBatch, LIMITS.outboxMessages - state.outbox.messages);
  const heads = state.tasks.deadAfter(UNSENT_AT, 0, limit);
  let bytes = 0;
  for (const head of heads) {
    if (bytes > LIMITS.claimBytes) return;
    send(state, head, now);
    bytes += head.bytes;
  }
  state.hasUnsent = heads.length === limit;
}

function send(state: QueueState, head: MeasuredHead, now: number): void {
  const queue = state.existing();
  if (queue === null) return;
  const { deadLetterQueue, retentionMs } = queue.settings;
  const diedAt = head.diedAt ?? now;
  if (deadLetterQueue === null || !mayGoOn(queue.name, deadLetterQueue, head)) {
    // Set otherwise since it died: it stays here like any dead task.
    const endsAt = retentionMs === null ? NEVER_AT : diedAt + retentionMs;
    state.tasks.markDead(head.seq, { attempts: head.attempts, endsAt, diedAt, error: head.error, attempt: null });
    state.housekeeping.dueAt(endsAt);
    return;
  }
  const body = asDeadLetter(queue, head, head.attempts, head.error, diedAt);
  state.outbox.sendStored({ receiver: deadLetterQueue, kind: "dead-letter", body }, head.seq, null, now);
  const hasId = head.taskId !== null && originOf(head) === null;
  // It is dead still, though in another queue: its key stays blocked in a strict order.
  gatherOut(state, { ...head, hasId, inRun: null }, undefined, now, "moved");
  state.gone.write();
}
