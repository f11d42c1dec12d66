// Ends an attempt without an ack, by nack or by expiry: another attempt, or death (P8).

import { backoffMs } from "../../core/backoff.ts";
import { releaseFloorMs, returnFloorMs } from "../../core/return-floor.ts";
import { keyOf } from "../../core/sequence.ts";
import { taskKeyOf } from "../../core/stored-lane.ts";
import type { QueueRow } from "../../store/queue-statements.ts";
import { DEAD, NEVER_AT, UNSENT_AT, type Ended } from "../../store/task-row.ts";
import { blockKey } from "../keys/blocked-key.ts";
import { attemptOf } from "./attempt-of.ts";
import type { Claim } from "./claim.ts";
import type { FactKind } from "../facts.ts";
import { asDeadLetter } from "../mail/dead-letter.ts";
import { headByKey, taskByKey, type StoredHead, type StoredTask } from "../tasks/find-task.ts";
import { idOf } from "../tasks/task-view.ts";
import { mayGoOn } from "../tasks/origin.ts";
import { takeOut } from "../tasks/take-out.ts";
import type { QueueState } from "../state.ts";
import { writeTask } from "../tasks/write-task.ts";

export interface Failure {
  /** Why the claim ended. */
  readonly kind: "failed" | "expired";
  readonly error: string | null;
  /** When it may be claimed again; null: after the queue's backoff. */
  readonly visibleAt: number | null;
  /** No further attempt, whatever the limit. */
  readonly dead?: boolean;
}

const EXPIRED = "claim expired";

export function endAttempt(state: QueueState, queue: QueueRow, claim: Claim, failure: Failure, now: number): void {
  const attempts = claim.attempts + 1;
  state.scans.rewrote(claim.bytes);
  const { kind, error } = failure;
  const endedAt = kind === "expired" ? claim.expiresAt : now;
  const ended: Ended = { attempts, error, attempt: attemptOf(claim, kind, error, endedAt) };
  if (kind === "failed") state.claimants.failed(claim.slot.claimant, now);
  const limit = claim.maxAttempts ?? queue.settings.maxAttempts;
  if (failure.dead === true || (limit !== null && attempts >= limit)) {
    die(state, queue, claim, ended, now);
    return;
  }
  const askedAt = failure.visibleAt ?? now + backoffMs(queue.settings.backoff, attempts, state.chance.random());
  const visibleAt = Math.max(askedAt, endedAt + floorOf(state, queue, claim, now));
  if (isOrdered(state, claim)) waitInPlace(state, claim, visibleAt, ended, kind);
  else if (claim.inRun === null) {
    state.tasks.markFailed(claim.seq, visibleAt, ended);
    offerAgain(state, claim, visibleAt, kind);
  } else leaveRun(state, claim, { attempts, visibleAt, error }, ended.attempt, kind);
}

/** Gives a task back as if it had not been claimed: the attempt does not count, and it is offered at once or nearly so. */
export function release(state: QueueState, claim: Claim, now: number): void {
  giveBack(state, claim, now + releaseFloorMs(claim.version, claim.attempts), "released", now);
}

/** The same until `visibleAt`, as was asked for. */
export function snooze(state: QueueState, queue: QueueRow, claim: Claim, visibleAt: number, now: number): void {
  giveBack(state, claim, Math.max(visibleAt, now + floorOf(state, queue, claim, now)), "snoozed", now);
}

/** How long a task rests at least that is given back, and who looks at the queue sees which one is slowed. ms */
function floorOf(state: QueueState, queue: QueueRow, claim: Claim, now: number): number {
  const floor = returnFloorMs(claim.version);
  if (floor > 0) state.history.meter.tasks.slows(idOf(queue, headOf(state, claim)), now);
  return floor;
}

function giveBack(state: QueueState, claim: Claim, visibleAt: number, kind: "released" | "snoozed", now: number): void {
  state.scans.rewrote(claim.bytes);
  const attempt = attemptOf(claim, kind, null, now);
  if (isOrdered(state, claim)) {
    waitInPlace(state, claim, visibleAt, { attempts: claim.attempts, error: null, attempt }, kind);
  } else if (claim.inRun === null) {
    state.tasks.markReleased(claim.seq, visibleAt, attempt);
    offerAgain(state, claim, visibleAt, kind);
  } else leaveRun(state, claim, { visibleAt }, attempt, kind);
}

/**
 * Ends the claims that are past their deadline, at most `limit` of them and what a turn may write anew; their tasks are visible
 * since the deadline. True: there may be more.
 */
function endExpired(state: QueueState, queue: QueueRow, now: number, limit: number): boolean {
  const expired = state.claims.expired(now, limit);
  for (const claim of expired) {
    if (state.scans.isRewritten) return true;
    if (claim.slot.holder !== null) state.lapsed.add(claim.slot.holder);
    endAttempt(state, queue, claim, { kind: "expired", error: EXPIRED, visibleAt: claim.expiresAt }, now);
    state.scans.ended();
  }
  return expired.length >= limit;
}

/** The same, at most as many as are left of what one turn ends: hundreds of requests may ask for it in a turn. */
export function endSomeExpired(state: QueueState, queue: QueueRow, now: number): boolean {
  const { expiriesLeft } = state.scans;
  if (expiriesLeft > 0) return endExpired(state, queue, now, expiriesLeft);
  return (state.claims.nextDeadline() ?? now + 1) <= now;
}

/** Those whose claims ran out must hear of it, and those who wait be given the tasks, although nobody claims. True: more have. */
export function endDue(state: QueueState, now: number): boolean {
  const queue = state.existing();
  const deadline = state.claims.nextDeadline();
  if (queue === null || deadline === null || deadline > now) return false;
  return state.transaction(() => endSomeExpired(state, queue, now));
}

/** A task of a key that has an order keeps its place before those that came later, until its retry. */
function isOrdered(state: QueueState, { lane, visibleAt }: Claim): boolean {
  return visibleAt !== null && taskKeyOf(lane) !== null && state.keys.settings.order !== "none";
}

function waitInPlace(state: QueueState, claim: Claim, retryAt: number, ended: Ended, kind: FactKind): void {
  state.tasks.markWaiting(claim.seq, retryAt, ended);
  state.facts.say(kind, claim, { ...claim, retryAt });
  state.levels.added(claim.lane, claim.priority, claim.visibleAt ?? retryAt, claim.seq);
  state.claims.remove(claim.seq);
}

/** A task that is not done at the first attempt gets a row of its own; the rest of its run stays together. */
function leaveRun(state: QueueState, claim: Claim, change: Partial<StoredTask>, attempt: string, kind: FactKind): void {
  const task = storedTask(state, claim);
  const pastAttempts = `[${attempt}]`;
  writeTask(state, { ...task, ...change, pastAttempts, version: task.version + 2 }, claim, kind);
  state.claims.remove(claim.seq);
}

function storedTask(state: QueueState, claim: Claim): StoredTask {
  return found(claim, taskByKey(state, keyOf(claim.seq)));
}

function headOf(state: QueueState, claim: Claim): StoredHead {
  return found(claim, headByKey(state, keyOf(claim.seq)));
}

function found<Task>(claim: Claim, task: Task | undefined): Task {
  if (task === undefined) throw new Error(`claimed task ${claim.seq} has no row`);
  return task;
}

function offerAgain(state: QueueState, claim: Claim, visibleAt: number, kind: FactKind): void {
  state.facts.say(kind, claim, { ...claim, visibleAt });
  state.levels.added(claim.lane, claim.priority, visibleAt, claim.seq);
  state.claims.remove(claim.seq);
}

function die(state: QueueState, queue: QueueRow, claim: Claim, ended: Ended, now: number): void {
  const { attempts, error, attempt } = ended;
  const { deadLetterQueue, retentionMs } = queue.settings;
  if (state.keys.settings.order === "strict" && taskKeyOf(claim.lane) !== null) {
    blockKey(state, claim.lane, idOf(queue, headOf(state, claim)), now);
  }
  const head = deadLetterQueue === null ? null : headOf(state, claim);
  const goesOn = deadLetterQueue !== null && head !== null && mayGoOn(queue.name, deadLetterQueue, head);
  if (goesOn && state.outbox.hasRoomFor(1)) {
    const inBody = claim.inRun === null ? null : `[${attempt}]`;
    const body = asDeadLetter(queue, head, attempts, error, now, inBody);
    const message = { receiver: deadLetterQueue, kind: "dead-letter", body };
    if (claim.inRun === null) state.outbox.sendStored(message, claim.seq, attempt, now);
    else state.outbox.send({ ...message, payload: storedTask(state, claim).payload }, now);
    takeOut(state, [{ ...claim, died: { attempts, error } }], now, "moved");
    return;
  }
  if (goesOn) state.hasUnsent = true;
  const endsAt = goesOn ? UNSENT_AT : retentionMs === null ? NEVER_AT : now + retentionMs;
  if (claim.inRun === null) {
    state.tasks.markDead(claim.seq, { ...ended, endsAt, diedAt: now });
    state.facts.say("died", claim, { ...claim, state: DEAD, visibleAt: null });
    state.claims.remove(claim.seq);
  } else leaveRun(state, claim, { state: DEAD, attempts, endsAt, diedAt: now, error }, attempt, "died");
  state.housekeeping.dueAt(endsAt);
}
