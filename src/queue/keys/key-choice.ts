// Which key's task is next in one claim: of the keys whose turn has come, the first that nothing holds back.

import type { Level } from "../ready/level.ts";
import type { ReadyStream, ReadyTask } from "../ready/ready-stream.ts";
import { instantOf } from "../../core/sequence.ts";
import type { QueueState } from "../state.ts";
import type { KeyHeads } from "./key-heads.ts";
import type { KeyRing } from "./key-ring.ts";
import type { Keys } from "./keys.ts";
import type { Rings } from "./rings.ts";

export interface KeyedTask {
  readonly ring: KeyRing;
  readonly level: Level;
  readonly key: string;
  readonly stream: ReadyStream;
  readonly task: ReadyTask;
}

/** Keys whose next tasks are read by one statement. */
const READ_AT_ONCE = 32;

export class KeyChoice {
  readonly #keys: Keys;
  readonly #rings: Rings;
  readonly #heads: KeyHeads;
  readonly #streamOf: (level: Level) => ReadyStream;
  readonly #now: number;
  /** Tasks of a key that this claim has taken. */
  readonly #taken = new Map<string, number>();
  /** By task, where turns are milliseconds. */
  readonly #turnMs = new Map<number, number>();

  constructor(state: QueueState, streamOf: (level: Level) => ReadyStream, now: number) {
    this.#keys = state.keys;
    this.#rings = state.levels.rings;
    this.#heads = state.levels.heads;
    this.#streamOf = streamOf;
    this.#now = now;
  }

  /** The keys that are met and cannot be offered leave the line until what holds them back is over. */
  next(ring: KeyRing): KeyedTask | null {
    for (let level = ring.first(this.#now); level !== undefined; level = ring.first(this.#now)) {
      const keyed = this.#ofLevel(ring, level);
      if (keyed !== null) return keyed;
    }
    return null;
  }

  /** By turns; or by which became visible first. */
  isPlainFirst({ ring, task }: KeyedTask, plain: ReadyTask): boolean {
    if (this.#keys.settings.fairness === "none") return visibleAtOf(plain) <= visibleAtOf(task);
    return ring.plainTurn <= ring.firstTurn;
  }

  servedPlain(ring: KeyRing): void {
    ring.servedPlain(this.#isShare ? ring.taskMsOf(ring.lane) : 1);
  }

  served({ ring, level, key, task }: KeyedTask): void {
    this.#taken.set(key, (this.#taken.get(key) ?? 0) + 1);
    const turn = this.#isShare ? ring.taskMsOf(level.lane) : 1;
    if (this.#isShare) this.#turnMs.set(task.seq, turn);
    ring.served(level, turn / this.#keys.weightOf(key));
  }

  /** How long the claim of a task that was taken is thought to last; 0: nobody needs to know. */
  turnMsOf(seq: number): number {
    return this.#turnMs.get(seq) ?? 0;
  }

  get #isShare(): boolean {
    return this.#keys.settings.fairness === "share";
  }

  /** null: it has left the line, or stands elsewhere in it. */
  #ofLevel(ring: KeyRing, level: Level): KeyedTask | null {
    const { key } = level;
    if (key === null) throw new Error(`lane ${level.lane} is in a ring of keys and has none`);
    const taken = this.#taken.get(key) ?? 0;
    const limit = this.#keys.limitOf(key, 0, taken, this.#now);
    if (limit !== null) {
      this.#rings.park(level, limit.until);
      return null;
    }
    if (this.#heads.isWanting(level)) {
      this.#heads.read(ring.soonest(READ_AT_ONCE).filter((other) => this.#heads.isWanting(other)));
    }
    const stream = this.#streamOf(level);
    const task = this.#offered(stream);
    if (typeof task === "number") {
      // Nothing of it can be taken before then. At the end of its tasks the stream has said so itself.
      if (task < Number.POSITIVE_INFINITY) this.#rings.park(level, task);
      return null;
    }
    const paced = this.#keys.limitOf(key, task.cost ?? 1, taken, this.#now);
    if (paced !== null) {
      this.#rings.park(level, paced.until);
      return null;
    }
    if (this.#keys.settings.fairness === "none" && visibleAtOf(task) > ring.firstTurn) {
      ring.stands(level, visibleAtOf(task));
      if (ring.first(this.#now) !== level) return null;
    }
    return { ring, level, key, stream, task };
  }

  /** The first task that may be offered; or when one may be, Infinity: there is none. */
  #offered(stream: ReadyStream): ReadyTask | number {
    let soonest = Number.POSITIVE_INFINITY;
    for (let task = stream.peek(); task !== undefined; task = stream.peek()) {
      const { retryAt } = task;
      if (retryAt === null || retryAt <= this.#now) return task;
      // Where there is an order, the retry comes first.
      if (this.#keys.settings.order !== "none") return retryAt;
      soonest = Math.min(soonest, retryAt);
      stream.leave();
    }
    return soonest;
  }
}

function visibleAtOf({ visibleAt, seq }: ReadyTask): number {
  return visibleAt ?? instantOf(seq);
}
