// Chooses the tasks of one claim, over lanes, priorities, keys and time, within the limits of one answer.

import { answerBytes } from "../../core/answer-bytes.ts";
import { LIMITS } from "../../core/limits.ts";
import type { ClaimInput, LaneChoice } from "../../core/operation.ts";
import type { QueueRow } from "../../store/queue-statements.ts";
import { LIVE } from "../../store/task-row.ts";
import { KeyChoice } from "../keys/key-choice.ts";
import type { KeyRing } from "../keys/key-ring.ts";
import type { QueueState } from "../state.ts";
import type { TakenOut } from "../tasks/take-out.ts";
import { visibleAtOf } from "../tasks/task-view.ts";
import type { Level, Place } from "./level.ts";
import { ReadyStream, type ReadyTask } from "./ready-stream.ts";

/** Tasks of one lane and priority: those without a key, and those of keys. */
interface Rank {
  readonly stream: ReadyStream | null;
  readonly ring: KeyRing | null;
}

/** To look into one takes as long as to walk over so many claims. */
const ENTRIES_A_RANK = 4;

export class Choice {
  readonly taken: ReadyTask[] = [];
  /** Of each that was taken. */
  readonly places: Place[] = [];
  /** Met on the way, past their TTL or the retention: not offered, and removed by the same transaction. */
  readonly expired: TakenOut[] = [];
  #expiredBytes = 0;
  #bytes = 0;
  #answerBytes = 0;
  #isAnswerFull = false;
  #isFinding = false;
  /** Until when the queue's own rate holds back what is next; 0: it does not. */
  #pacedUntil = 0;
  readonly #state: QueueState;
  readonly #queue: QueueRow;
  readonly #max: number;
  readonly #maxBytes: number;
  readonly #now: number;
  readonly #streams = new Map<Level, ReadyStream>();
  readonly #keys: KeyChoice;

  constructor(state: QueueState, queue: QueueRow, input: ClaimInput, max: number, now: number) {
    this.#state = state;
    this.#queue = queue;
    this.#max = max;
    this.#maxBytes = input.maxBytes ?? Number.POSITIVE_INFINITY;
    this.#now = now;
    this.#keys = new KeyChoice(state, now);
  }

  /** It met so many expired tasks, or has found so many keys, that it stopped before the end. */
  get isCutShort(): boolean {
    return this.#hasExpiredEnough() || this.#isFinding;
  }

  /** What has expired is as much as one turn removes. */
  #hasExpiredEnough(): boolean {
    return this.expired.length >= LIMITS.sweepBatch || this.#expiredBytes >= LIMITS.turnFreedBytes;
  }

  /** Where keys take turns by claimed milliseconds: how long the claim of a task that was taken is thought to last. */
  turnMsOf(seq: number): number {
    return this.#keys.turnMsOf(seq);
  }

  /** What was taken is claimed. */
  end(): void {
    this.#keys.end();
  }

  /** When there may be something, if nothing is written until then; null: that is not known. */
  nextAt(choice: LaneChoice): number | null {
    if (this.#pacedUntil > 0) return this.#pacedUntil;
    const lanes = "any" in choice ? choice.any : choice.inOrder;
    const next = lanes.flatMap((lane) => this.#state.levels.sourcesOf(lane).map((source) => source.nextAt));
    const at = next.reduce((least, source) => Math.min(least, source), Number.POSITIVE_INFINITY);
    return at > this.#now && at < Number.POSITIVE_INFINITY ? at : null;
  }

  takeFrom(choice: LaneChoice): void {
    if (this.#isPaced(1)) return;
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
    const { levels } = this.#state;
    if (count > 0 && !levels.rings.isFound(lane)) this.#isFinding = levels.findKeys(lane) || this.#isFinding;
    let left = count;
    const ranks = this.#ranksOf(lane);
    this.#state.scans.walked(ENTRIES_A_RANK * ranks.length);
    for (const rank of ranks) {
      while (left > 0 && !this.#isFull() && !this.#hasExpiredEnough()) {
        const taken = this.#takeFromRank(rank);
        if (taken === "nothing") break;
        if (taken === "taken") left -= 1;
      }
    }
    return left === 0;
  }

  /** The next task of a lane and priority, by turns of its keys; those without a key have turns as if they shared one. */
  #takeFromRank({ stream, ring }: Rank): "taken" | "expired" | "nothing" {
    const plain = stream?.peek();
    const keyed = ring === null ? null : this.#keys.next(ring);
    if (stream !== null && plain !== undefined && (keyed === null || this.#keys.isPlainFirst(keyed, plain))) {
      const taken = this.#take(stream, plain, null);
      if (keyed !== null && taken === "taken") this.#keys.servedPlain(keyed.ring, plain);
      return taken;
    }
    if (keyed === null) return "nothing";
    const taken = this.#take(keyed.stream, keyed.task, keyed.key.name);
    if (taken === "taken") this.#keys.served(keyed);
    return taken;
  }

  #take(
    stream: Pick<ReadyStream, "level" | "take">,
    task: ReadyTask,
    key: string | null,
  ): "taken" | "expired" | "nothing" {
    if (this.#isOver(task)) {
      const { lane, priority } = stream.level;
      const { seq, visibleAt, inRun, bytes } = task;
      stream.take();
      this.expired.push({ seq, lane, priority, state: LIVE, visibleAt, hasId: task.hasId === 1, inRun, bytes });
      this.#expiredBytes += bytes;
      return "expired";
    }
    const cost = task.cost ?? 1;
    if (this.#isPaced(cost) || !this.#fits(task)) return "nothing";
    stream.take();
    this.taken.push(task);
    this.places.push(stream.level.place);
    this.#bytes += task.bytes;
    this.#state.keys.charge(key, cost, this.#now);
    return "taken";
  }

  #ranksOf(lane: string): Rank[] {
    const { levels } = this.#state;
    const plain = levels.of(lane);
    const rings = levels.rings.of(lane);
    if (rings.length === 0) return plain.map((level) => ({ stream: this.#streamOf(level), ring: null }));
    const priorities = new Set([...plain, ...rings].map(({ priority }) => priority));
    return [...priorities]
      .toSorted((a, b) => b - a)
      .map((priority) => {
        const level = plain.find((other) => other.priority === priority);
        const ring = rings.find((other) => other.priority === priority) ?? null;
        return { stream: level === undefined ? null : this.#streamOf(level), ring };
      });
  }

  #streamOf(level: Level): ReadyStream {
    let stream = this.#streams.get(level);
    if (stream === undefined) {
      stream = new ReadyStream(this.#state, level, this.#now, this.#max);
      this.#streams.set(level, stream);
    }
    return stream;
  }

  #isFull(): boolean {
    return this.taken.length >= this.#max || this.#bytes > this.#maxBytes || this.#isAnswerFull || this.#pacedUntil > 0;
  }

  /** The rate of the queue does not allow it yet; then nothing else goes before it, however little it costs. */
  #isPaced(cost: number): boolean {
    const allowedAt = this.#state.keys.queueAllowsAt(cost);
    if (allowedAt <= this.#now) return false;
    this.#pacedUntil = allowedAt;
    this.#state.keys.pacedUntil = allowedAt;
    return true;
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
    return retentionMs !== null && visibleAtOf(task) + retentionMs <= this.#now;
  }
}
