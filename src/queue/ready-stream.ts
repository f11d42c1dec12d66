// Ready tasks of one lane and priority, in the order in which they became visible (P11): arrivals and index merged.

import { DEFAULT_LANE, LIMITS } from "../core/limits.ts";
import { INDEXED_FROM, instantOf } from "../core/sequence.ts";
import type { Candidate } from "../store/task-statements.ts";
import type { Level } from "./levels.ts";
import type { QueueState } from "./state.ts";

/** Tasks in a fixed order, read page by page; `read` goes on from the cursor that the stream moves. */
class Source {
  #page: Candidate[] = [];
  #next = 0;
  #isEnded: boolean;
  readonly #read: (limit: number) => Candidate[];

  constructor(isEnded: boolean, read: (limit: number) => Candidate[]) {
    this.#isEnded = isEnded;
    this.#read = read;
  }

  /** Nothing is left to read, and nothing read is left. */
  get isExhausted(): boolean {
    return this.#isEnded && this.#next >= this.#page.length;
  }

  peek(limit: number): Candidate | undefined {
    if (this.#next >= this.#page.length && !this.#isEnded) {
      this.#page = this.#read(limit);
      this.#next = 0;
      this.#isEnded = this.#page.length < limit;
    }
    return this.#page[this.#next];
  }

  skip(): void {
    this.#next += 1;
  }
}

export class ReadyStream {
  readonly #state: QueueState;
  readonly #level: Level;
  readonly #now: number;
  readonly #plain: Source;
  readonly #indexed: Source;

  constructor(state: QueueState, level: Level, now: number) {
    this.#state = state;
    this.#level = level;
    this.#now = now;
    const hasPlain = level.lane === DEFAULT_LANE && level.priority === 0;
    this.#plain = new Source(!hasPlain || state.readTo >= state.plainTo, (limit) =>
      state.tasks.plainAfter(state.readTo, limit),
    );
    this.#indexed = new Source(level.nextAt > now, (limit) =>
      state.tasks.indexedAfter(level.lane, level.priority, level.afterAt, level.afterSeq, now, limit),
    );
  }

  /**
   * The next ready task that is not claimed, or undefined when there is none. Moves the read cursors past it, so whoever
   * asks must claim what is given (or settle it) in the same transaction.
   *
   * @param pageSize how many tasks to read at a time, about as many as will be asked for
   */
  next(pageSize: number): Candidate | undefined {
    const limit = Math.min(Math.max(pageSize, 1), LIMITS.batchTasks);
    for (;;) {
      const plain = this.#plain.peek(limit);
      const indexed = this.#indexed.peek(limit);
      const isPlainFirst = plain !== undefined && (indexed === undefined || isBefore(plain, indexed));
      const first = isPlainFirst ? plain : indexed;
      if (first === undefined) {
        this.#atEnd();
        return undefined;
      }
      if (isPlainFirst) {
        this.#plain.skip();
        this.#state.readTo = first.seq;
      } else {
        this.#indexed.skip();
        this.#level.afterAt = first.visibleAt ?? 0;
        this.#level.afterSeq = first.seq;
      }
      if (this.#state.claims.get(first.seq) === undefined) return first;
    }
  }

  /** Remembers that there is nothing more to read, so that the next claim need not look. */
  #atEnd(): void {
    const { lane, priority } = this.#level;
    if (lane === DEFAULT_LANE && priority === 0) this.#state.plainTo = this.#state.readTo;
    if (this.#level.nextAt > this.#now) return;
    this.#level.nextAt = this.#state.tasks.firstVisibleFrom(lane, priority, this.#now + 1) ?? Number.POSITIVE_INFINITY;
  }
}

function isBefore(plain: Candidate, indexed: Candidate): boolean {
  const arrivedAt = instantOf(plain.seq);
  const visibleAt = indexed.visibleAt ?? 0;
  if (arrivedAt !== visibleAt) return arrivedAt < visibleAt;
  return plain.seq < (indexed.seq >= INDEXED_FROM ? indexed.seq - INDEXED_FROM : indexed.seq);
}
