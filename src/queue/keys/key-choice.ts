// Which key's task is next in one claim: of the keys whose turn has come, the first that nothing holds back.

import type { KnownKey, Level, LevelReader } from "../ready/level.ts";
import type { ReadyTask } from "../ready/ready-stream.ts";
import { instantOf } from "../../core/sequence.ts";
import type { QueueState } from "../state.ts";
import { HeadStream } from "./head-stream.ts";
import type { KeyHeads } from "./key-heads.ts";
import type { KeyRing } from "./key-ring.ts";
import type { Keys } from "./keys.ts";
import type { Rings } from "./rings.ts";

export interface KeyedTask {
  readonly ring: KeyRing;
  readonly level: Level;
  readonly key: KnownKey;
  readonly stream: LevelReader;
  readonly task: ReadyTask;
}

/** Nothing of a key may be offered before then. */
interface Held {
  /** null: until it is woken. */
  readonly until: number | null;
}

/** Keys whose next tasks are read by one statement, and of how many whose turn comes soon these are. */
const READ_AT_ONCE = 256;
const LOOKED_AT = 4 * READ_AT_ONCE;

export class KeyChoice {
  readonly #keys: Keys;
  readonly #rings: Rings;
  readonly #heads: KeyHeads;
  readonly #state: QueueState;
  readonly #streams: LevelReader[] = [];
  readonly #now: number;
  /** By task, where turns are milliseconds. */
  #turnMs: Map<number, number> | null = null;

  constructor(state: QueueState, now: number) {
    this.#state = state;
    this.#keys = state.keys;
    this.#rings = state.levels.rings;
    this.#heads = state.levels.heads;
    this.#now = now;
  }

  /** The keys that are met and cannot be offered leave the line, until nothing holds them back any longer: each is met once. */
  next(ring: KeyRing): KeyedTask | null {
    for (let level = ring.first(this.#now); level !== undefined; level = ring.first(this.#now)) {
      const found = this.#ofLevel(ring, level);
      if ("until" in found) this.#park(ring, level, found);
      else if (this.#isInPlace(found)) return found;
    }
    return null;
  }

  /** By turns; or by which became visible first. */
  isPlainFirst({ ring, task }: KeyedTask, plain: ReadyTask): boolean {
    if (this.#isByAge) return visibleAtOf(plain) <= visibleAtOf(task);
    return ring.plainTurn <= ring.firstTurn;
  }

  servedPlain(ring: KeyRing, { seq }: ReadyTask): void {
    if (!this.#isByAge) ring.servedPlain(this.#turnOf(ring, ring.lane, seq));
  }

  served({ ring, level, key, task }: KeyedTask): void {
    key.taken += 1;
    // Its next is no older.
    if (this.#isByAge) ring.standsByAge(level, visibleAtOf(task));
    else ring.served(level, this.#turnOf(ring, level.lane, task.seq) / this.#keys.weightOf(key.name));
    const limit = this.#keys.limitOf(key, this.#now);
    if (limit !== null) this.#park(ring, level, limit);
    else if (!this.#isByAge) ring.moves(level);
  }

  /** What was taken is claimed: keys that are known to have nothing more leave the line. */
  end(): void {
    for (const { level } of this.#streams) {
      level.reader = null;
      if (level.place.key !== null) level.place.key.taken = 0;
    }
    for (const stream of this.#streams) if (this.#heads.isOut(stream.level, this.#now)) stream.peek();
  }

  /** How long the claim of a task that was taken is thought to last; 0: nobody needs to know. */
  turnMsOf(seq: number): number {
    return this.#turnMs?.get(seq) ?? 0;
  }

  #park(ring: KeyRing, level: Level, { until }: Held): void {
    this.#rings.park(ring, level, until === null ? null : Math.max(until, this.#now + 1));
  }

  get #isByAge(): boolean {
    return this.#keys.settings.fairness === "none";
  }

  get #isShare(): boolean {
    return this.#keys.settings.fairness === "share";
  }

  /** How long a turn is, by weight 1: a task, or the time that it is thought to be claimed for. */
  #turnOf(ring: KeyRing, lane: string, seq: number): number {
    if (!this.#isShare) return 1;
    const turnMs = ring.taskMsOf(lane);
    this.#turnMs ??= new Map();
    this.#turnMs.set(seq, turnMs);
    return turnMs;
  }

  /** Its next task; or until when it has none that may be offered. */
  #ofLevel(ring: KeyRing, level: Level): KeyedTask | Held {
    const { key } = level.place;
    if (key === null) throw new Error(`lane ${level.lane} is in a ring of keys and has none`);
    const limit = this.#keys.limitOf(key, this.#now);
    if (limit !== null) return limit;
    this.#read(ring, level);
    const stream = this.#streamOf(level);
    const task = this.#offered(stream);
    if ("until" in task) return task;
    return this.#keys.rateLimitOf(key.name, task.cost ?? 1, this.#now) ?? { ring, level, key, stream, task };
  }

  /** Reads what is not known of a key's next task, and of those whose turn comes soon. */
  #read(ring: KeyRing, level: Level): void {
    if (this.#heads.isWanting(level)) this.#heads.read(soonest(ring, (other) => this.#heads.isWanting(other)));
    if (!this.#heads.isUnread(level)) return;
    const unread = soonest(ring, (other) => this.#heads.isUnread(other));
    this.#heads.readRows(unread, this.#keys.settings.concurrency ?? Number.POSITIVE_INFINITY);
  }

  /** Where keys are offered by age, one that stands before older ones takes its place among them. */
  #isInPlace({ ring, level, task }: KeyedTask): boolean {
    const at = visibleAtOf(task);
    if (!this.#isByAge || at <= ring.firstTurn) return true;
    ring.standsByAge(level, at);
    return ring.first(this.#now) === level;
  }

  #streamOf(level: Level): LevelReader {
    if (level.reader !== null) return level.reader;
    const stream = new HeadStream(this.#state, level, this.#now);
    level.reader = stream;
    this.#streams.push(stream);
    return stream;
  }

  /** The first task that may be offered. */
  #offered(stream: LevelReader): ReadyTask | Held {
    for (let task = stream.peek(); task !== undefined; task = stream.peek()) {
      const { retryAt } = task;
      if (retryAt === null || retryAt <= this.#now) return task;
      // Where there is an order, the retry comes first.
      if (this.#keys.settings.order !== "none") return { until: retryAt };
      stream.leave(retryAt);
    }
    return { until: stream.level.nextAt };
  }
}

function soonest(ring: KeyRing, isAsked: (level: Level) => boolean): Level[] {
  const found: Level[] = [];
  for (const level of ring.soonest(LOOKED_AT)) {
    if (isAsked(level)) found.push(level);
    if (found.length === READ_AT_ONCE) break;
  }
  return found;
}

function visibleAtOf({ visibleAt, seq }: ReadyTask): number {
  return visibleAt ?? instantOf(seq);
}
