// Takes ready tasks until a deadline. One row in `claims`, none in `tasks`: a claimed task's row is as it was.

import { markedNonce } from "../../core/claim-owner.ts";
import type { ClaimInput } from "../../core/operation.ts";
import { taskKeyOf } from "../../core/stored-lane.ts";
import { LIVE } from "../../store/task-row.ts";
import type { QueueRow } from "../../store/queue-statements.ts";
import { plainTaskRow, type PlainTasks } from "../arrivals/kept-row.ts";
import { slotOf, type Claim } from "../claims/claim.ts";
import { gatherRests } from "../claims/claim-rows.ts";
import { entriesOf } from "../claims/claim-table.ts";
import { endSomeExpired } from "../claims/end-attempt.ts";
import { linesOf, type StoredTask } from "../tasks/find-task.ts";
import { Choice } from "../ready/choice.ts";
import type { ReadyTask } from "../ready/ready-stream.ts";
import { takeOut } from "../tasks/take-out.ts";
import type { QueueState } from "../state.ts";
import { asClaimed, visibleAtOf } from "../tasks/task-view.ts";
import { LATER } from "../turn.ts";
import type { OnClaims } from "./run.ts";

/**
 * @returns the tasks; a refusal; or `LATER` when so much had run out on the way that a turn's work is done and nothing to
 *   take has been found yet
 */
export const claim: OnClaims<"claim"> = (state, input, now) => {
  const queue = state.existing();
  if (queue === null) return { kind: "claimed", tasks: [] };
  if (queue.settings.paused) return { kind: "queue-paused" };
  const isEnding = endSomeExpired(state, queue, now);
  const room = queue.settings.maxInFlight - state.claims.size;
  if (room <= 0) return isEnding ? LATER : { kind: "too-many-claims", limit: queue.settings.maxInFlight };

  const choice = new Choice(state, queue, input, Math.min(input.max, room), now);
  choice.takeFrom(input.lanes);
  takeOut(state, choice.expired, now, "removed");
  const tasks = choice.taken.length > 0 ? record(state, queue, input, choice, now) : [];
  choice.end();
  state.levels.heads.trim();
  if (tasks.length > 0) return { kind: "claimed", tasks };
  if (isEnding || choice.isCutShort) return LATER;
  return { kind: "claimed", tasks: [], nextAt: choice.nextAt(input.lanes) };
};

/** Writes the claim call's row, then the memory, and answers with the tasks in the order of choice. */
function record(state: QueueState, queue: QueueRow, input: ClaimInput, choice: Choice, now: number) {
  const rows = rowsOf(state, choice.taken);
  gatherRests(state, now);
  const slot = state.claims.peekSlot(now);
  const random = state.chance.nonce();
  const nonce = input.owner === undefined ? random : markedNonce(random, input.owner);
  const timeoutMs = input.claimTimeoutMs ?? queue.settings.claimTimeoutMs;
  const expiresAt = now + Math.max(timeoutMs, input.leastTimeoutMs ?? 0);
  const { claimant = null, holder = null } = input;
  const charged = state.keys.ratesKnown > 0 ? state.keys.chargesOf(keysOf(rows), now) : [];
  const acked = state.gone.tell();
  const call = slotOf({ slot, nonce, claimant, holder, expiresAt, claimedAt: now, charged });
  const claims = choice.places.map((place, at): Claim => {
    const row = rows[at];
    if (row === undefined) throw new Error(`${rows.length} rows were read of ${choice.places.length} tasks`);
    const { seq, version, attempts, maxAttempts, visibleAt, lane, priority, taskId, origin, inRun, payload } = row;
    const run = inRun === null ? null : state.arrivals.runs.keep(inRun);
    // A dead letter's id is no idempotency key here.
    const hasId = taskId !== null && origin === null;
    return {
      seq,
      version,
      attempts,
      maxAttempts,
      visibleAt,
      state: LIVE,
      lane,
      priority,
      place,
      bytes: inRun === null ? sizeOf(payload) : 0,
      hasId,
      inRun: run,
      slot: call,
      expiresAt,
      turnMs: choice.turnMsOf(seq),
      before: null,
      after: null,
    };
  });
  const entries = entriesOf(claims, expiresAt);
  const { readTo, lastKey, rateAt } = state.progress();
  state.claimRows.put({
    slot,
    nonce,
    claimant,
    holder,
    expiresAt,
    claimedAt: now,
    readTo,
    lastKey,
    rateAt,
    charged,
    acked,
    entries,
  });
  if (acked.length > 0) state.claims.tells(slot);
  state.claims.add(call, claims);
  state.claimants.claimed(claimant, now);
  for (const [at, held] of claims.entries()) {
    state.facts.say("claimed", held, held, Math.max(0, now - visibleAtOf(rows[at] ?? held)));
  }
  return rows.map((row) => asClaimed(queue, row, slot, nonce, expiresAt));
}

function sizeOf(payload: StoredTask["payload"]): number {
  return typeof payload === "string" ? payload.length : payload.byteLength;
}

function keysOf(rows: readonly StoredTask[]): Set<string> {
  const keys = new Set<string>();
  for (const { lane } of rows) {
    const key = taskKeyOf(lane);
    if (key !== null) keys.add(key);
  }
  return keys;
}

/** The tasks in full, in the order given; each row is read once, and the run that reading stands in is kept for the next. */
function rowsOf(state: QueueState, taken: readonly ReadyTask[]): StoredTask[] {
  const { kept } = state.tasks;
  const toRead = new Set<number>();
  for (const task of taken) {
    const seq = task.inRun?.seq ?? task.seq;
    if (kept.at(seq) === null && !isWhole(task)) toRead.add(seq);
  }
  const stored = new Map(state.tasks.bySeqs([...toRead]).map((row) => [row.seq, row]));
  const runs = new Map<number, PlainTasks>();
  const found = taken.map((task) => {
    const { inRun } = task;
    if (isWhole(task)) return task;
    const seq = inRun?.seq ?? task.seq;
    const plain = kept.at(seq) ?? runs.get(seq);
    if (plain !== undefined) return plainTaskRow(plain, task.seq - seq, inRun);
    const row = stored.get(seq);
    if (row === undefined) throw new Error(`task ${task.seq} was chosen and has no row`);
    if (inRun === null) return { ...row, inRun };
    const run = { seq, payloads: linesOf(row), isRun: true };
    runs.set(seq, run);
    return plainTaskRow(run, task.seq - seq, inRun);
  });
  const lastRead = Array.from(runs.values()).at(-1);
  if (lastRead !== undefined) kept.keep(lastRead);
  return found;
}

/** Its row came along when it was looked for. */
function isWhole(task: ReadyTask): task is ReadyTask & StoredTask {
  return "payload" in task && task.payload !== null;
}
