// Ready tasks of one lane and priority, in the order in which they became visible (P11): arrivals and index merged.

import { DEFAULT_LANE, LIMITS } from "../../core/limits.ts";
import { instantOf, keyOf } from "../../core/sequence.ts";
import type { Level } from "./levels.ts";
import type { PlainTask } from "../arrivals/plain-tasks.ts";
import type { QueueState } from "../state.ts";

/** A task that may be claimed. */
export type ReadyTask = PlainTask;

export class ReadyStream {
  readonly #state: QueueState;
  readonly level: Level;
  readonly #now: number;
  readonly #plain: Peekable;
  readonly #indexed: Peekable;

  /** @param pageSize how many tasks to read from the index at a time, about as many as will be asked for */
  constructor(state: QueueState, level: Level, now: number, pageSize: number) {
    this.#state = state;
    this.level = level;
    this.#now = now;
    const hasPlain = level.lane === DEFAULT_LANE && level.priority === 0 && state.arrivals.hasUnread;
    this.#plain = new Peekable(hasPlain ? state.arrivals.unread() : null);
    this.#indexed = new Peekable(level.nextAt <= now ? indexedTasks(state, level, now, pageSize) : null);
  }

  /**
   * The next ready task that is not claimed, or undefined when there is none. Moves the read cursors past it, so whoever
   * asks must claim what is given (or settle it) in the same transaction.
   */
  next(): ReadyTask | undefined {
    for (;;) {
      const plain = this.#plain.peek();
      const indexed = this.#indexed.peek();
      const isPlainFirst = plain !== undefined && (indexed === undefined || isBefore(plain, indexed));
      const first = isPlainFirst ? plain : indexed;
      if (first === undefined) {
        this.#atEnd();
        return undefined;
      }
      if (isPlainFirst) {
        this.#plain.skip();
        this.#state.arrivals.readUpTo(first.seq);
      } else {
        this.#indexed.skip();
        this.level.afterAt = first.visibleAt ?? 0;
        this.level.afterSeq = first.seq;
      }
      if (this.#state.claims.get(first.seq) === undefined) return first;
    }
  }

  /** Remembers that there is nothing more to read, so that the next claim need not look. */
  #atEnd(): void {
    const { lane, priority } = this.level;
    if (lane === DEFAULT_LANE && priority === 0) this.#state.arrivals.readAll();
    if (this.level.nextAt > this.#now) return;
    this.level.nextAt = this.#state.tasks.firstVisibleFrom(lane, priority, this.#now + 1) ?? Number.POSITIVE_INFINITY;
  }
}

/** Visible tasks of a level behind its cursor, page by page: the stream moves the cursor as it goes. */
function* indexedTasks(state: QueueState, level: Level, now: number, pageSize: number): Generator<ReadyTask> {
  const limit = Math.min(Math.max(pageSize, 1), LIMITS.batchTasks);
  for (;;) {
    const { lane, priority, afterAt, afterSeq } = level;
    const page = state.tasks.indexedAfter(lane, priority, afterAt, afterSeq, now, limit);
    for (const task of page) yield { ...task, inRun: null };
    if (page.length < limit) return;
  }
}

/** A generator whose next value can be looked at before it is taken. */
class Peekable {
  readonly #tasks: Generator<ReadyTask> | null;
  #head: ReadyTask | undefined;
  #isEnded: boolean;

  constructor(tasks: Generator<ReadyTask> | null) {
    this.#tasks = tasks;
    this.#isEnded = tasks === null;
  }

  peek(): ReadyTask | undefined {
    if (this.#head === undefined && !this.#isEnded) {
      this.#head = this.#tasks?.next().value;
      this.#isEnded = this.#head === undefined;
    }
    return this.#head;
  }

  skip(): void {
    this.#head = undefined;
  }
}

function isBefore(plain: ReadyTask, indexed: ReadyTask): boolean {
  const arrivedAt = instantOf(plain.seq);
  const visibleAt = indexed.visibleAt ?? 0;
  return arrivedAt === visibleAt ? plain.seq < keyOf(indexed.seq) : arrivedAt < visibleAt;
}
