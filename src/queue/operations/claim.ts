// Takes ready tasks until a deadline. One row in `claims`, none in `tasks`: a claimed task's row is as it was.

import { answerBytes } from "../../core/answer-bytes.ts";
import { LIMITS } from "../../core/limits.ts";
import type { ClaimInput, LaneChoice, OutcomeOf } from "../../core/operation.ts";
import { instantOf } from "../../core/sequence.ts";
import { LIVE } from "../../store/task-row.ts";
import type { QueueRow } from "../../store/queue-statements.ts";
import { plainTaskRow, type PlainTasks } from "../arrivals/kept-row.ts";
import type { Claim, Slot } from "../claims/claim.ts";
import { entriesOf } from "../claims/claim-table.ts";
import { endExpired } from "../claims/end-attempt.ts";
import { linesOf, type StoredTask } from "../tasks/find-task.ts";
import { ReadyStream, type ReadyTask } from "../ready/ready-stream.ts";
import { settle, type Settled } from "../tasks/settle.ts";
import type { QueueState } from "../state.ts";
import { asClaimed } from "../tasks/task-view.ts";
import { LATER } from "../turn.ts";

/**
 * @returns the tasks; a refusal; or `LATER` when so much had run out on the way that a turn's work is done and nothing to
 *   take has been found yet
 */
export function claim(state: QueueState, input: ClaimInput, now: number): OutcomeOf<"claim"> | typeof LATER {
  const queue = state.existing();
  if (queue === null) return { kind: "claimed", tasks: [] };
  if (queue.settings.paused) return { kind: "queue-paused" };
  const isEnding = endExpired(state, queue, now, LIMITS.sweepBatch) >= LIMITS.sweepBatch;
  const room = queue.settings.maxInFlight - state.claims.size;
  if (room <= 0) return isEnding ? LATER : { kind: "too-many-claims", limit: queue.settings.maxInFlight };

  const choice = new Choice(state, queue, input, Math.min(input.max, room), now);
  choice.takeFrom(input.lanes);
  settle(state, choice.expired, now, "removed");
  if (choice.taken.length === 0) return isEnding || choice.isCutShort ? LATER : { kind: "claimed", tasks: [] };
  return { kind: "claimed", tasks: record(state, queue, input, choice.taken, now) };
}

/** Writes the claim call's row, then the memory, and answers with the tasks in the order of choice. */
function record(state: QueueState, queue: QueueRow, input: ClaimInput, taken: readonly ReadyTask[], now: number) {
  const rows = rowsOf(state, taken);
  const slot = state.claims.peekSlot();
  const nonce = state.chance.nonce();
  const timeoutMs = input.claimTimeoutMs ?? queue.settings.claimTimeoutMs;
  const expiresAt = now + Math.max(timeoutMs, input.leastTimeoutMs ?? 0);
  const { claimant = null, holder = null } = input;
  const call: Slot = { slot, nonce, claimant, holder, expiresAt, claims: new Map() };
  const claims = rows.map(
    ({ seq, version, attempts, maxAttempts, visibleAt, lane, priority, taskId, inRun }): Claim => {
      const run = inRun === null ? null : state.arrivals.runs.keep(inRun);
      const hasId = taskId !== null;
      return {
        seq,
        version,
        attempts,
        maxAttempts,
        visibleAt,
        state: LIVE,
        lane,
        priority,
        hasId,
        inRun: run,
        slot: call,
        expiresAt,
      };
    },
  );
  const entries = entriesOf(claims, expiresAt);
  state.claimRows.put({ slot, nonce, claimant, holder, expiresAt, ...state.progress(), entries });
  state.claims.add(call, claims);
  return rows.map((row) => asClaimed(queue.tag, row, slot, nonce, expiresAt));
}

/** The tasks in full, in the order given; each row is read once, and the run that reading stands in is kept for the next. */
function rowsOf(state: QueueState, taken: readonly ReadyTask[]): StoredTask[] {
  const { kept } = state.tasks;
  const toRead = new Set<number>();
  for (const { seq, inRun } of taken) if (kept.at(inRun?.seq ?? seq) === null) toRead.add(inRun?.seq ?? seq);
  const stored = new Map(state.tasks.bySeqs([...toRead]).map((row) => [row.seq, row]));
  const runs = new Map<number, PlainTasks>();
  const found = taken.map((task) => {
    const { inRun } = task;
    const seq = inRun?.seq ?? task.seq;
    const plain = kept.at(seq) ?? runs.get(seq);
    if (plain !== undefined) return { ...plainTaskRow(plain, task.seq - seq), inRun };
    const row = stored.get(seq);
    if (row === undefined) throw new Error(`task ${task.seq} was chosen and has no row`);
    if (inRun === null) return { ...row, inRun };
    const run = { seq, payloads: linesOf(row), isRun: true };
    runs.set(seq, run);
    return { ...plainTaskRow(run, task.seq - seq), inRun };
  });
  const lastRead = Array.from(runs.values()).at(-1);
  if (lastRead !== undefined) kept.keep(lastRead);
  return found;
}

/** Chooses tasks over lanes, priorities and time, within the limits of one answer. */
class Choice {
  readonly taken: ReadyTask[] = [];
  /** Met on the way, past their TTL or the retention: not offered, and removed by the same transaction. */
  readonly expired: Settled[] = [];
  #bytes = 0;
  #answerBytes = 0;
  #isAnswerFull = false;
  readonly #state: QueueState;
  readonly #queue: QueueRow;
  readonly #max: number;
  readonly #maxBytes: number;
  readonly #now: number;
  readonly #streams = new Map<string, ReadyStream[]>();

  constructor(state: QueueState, queue: QueueRow, input: ClaimInput, max: number, now: number) {
    this.#state = state;
    this.#queue = queue;
    this.#max = max;
    this.#maxBytes = input.maxBytes ?? Number.POSITIVE_INFINITY;
    this.#now = now;
  }

  /** It met so many expired tasks that it stopped before the end. */
  get isCutShort(): boolean {
    return this.expired.length >= LIMITS.sweepBatch;
  }

  takeFrom(choice: LaneChoice): void {
    if ("inOrder" in choice) {
      for (const lane of choice.inOrder) this.#takeFromLane(lane, this.#max - this.taken.length);
      return;
    }
    // Each lane its share, beginning with another lane each time; what one leaves the others may have.
    let first: string | null = null;
    let hungry = this.#state.turns.inTurn(choice.any);
    while (hungry.length > 0 && !this.#isFull()) {
      const share = Math.max(1, Math.floor((this.#max - this.taken.length) / hungry.length));
      hungry = hungry.filter((lane) => {
        const hasMore = this.#takeFromLane(lane, Math.min(share, this.#max - this.taken.length));
        if (this.taken.length > 0) first ??= lane;
        return hasMore;
      });
    }
    if (first !== null) this.#state.turns.served(first);
  }

  /** Takes up to `count` tasks of a lane; false when the lane has no more to give. */
  #takeFromLane(lane: string, count: number): boolean {
    let left = count;
    for (const stream of this.#streamsOf(lane)) {
      while (left > 0 && !this.#isFull()) {
        if (this.isCutShort) return false;
        const task = stream.peek();
        if (task === undefined) break;
        if (this.#isOver(task)) {
          const { lane: name, priority } = stream.level;
          const { seq, visibleAt, inRun } = task;
          stream.take();
          this.expired.push({ seq, lane: name, priority, state: LIVE, visibleAt, hasId: task.hasId === 1, inRun });
          continue;
        }
        if (!this.#fits(task)) break;
        stream.take();
        this.taken.push(task);
        this.#bytes += task.bytes;
        left -= 1;
      }
    }
    return left === 0;
  }

  #streamsOf(lane: string): ReadyStream[] {
    let streams = this.#streams.get(lane);
    if (streams === undefined) {
      streams = this.#state.levels.of(lane).map((level) => new ReadyStream(this.#state, level, this.#now, this.#max));
      this.#streams.set(lane, streams);
    }
    return streams;
  }

  #isFull(): boolean {
    return this.taken.length >= this.#max || this.#bytes > this.#maxBytes || this.#isAnswerFull;
  }

  /** Whether the answer has room for it; the first always has. One that has not stays where it is, for the next claim. */
  #fits(task: ReadyTask): boolean {
    const bytes = answerBytes(task);
    this.#isAnswerFull = this.taken.length > 0 && this.#answerBytes + bytes > LIMITS.answerBytes;
    if (!this.#isAnswerFull) this.#answerBytes += bytes;
    return !this.#isAnswerFull;
  }

  #isOver(task: ReadyTask): boolean {
    if (task.endsAt !== null && task.endsAt <= this.#now) return true;
    const { retentionMs } = this.#queue.settings;
    return retentionMs !== null && (task.visibleAt ?? instantOf(task.seq)) + retentionMs <= this.#now;
  }
}
