// Ready tasks without a key, of one lane and priority, in the order in which they became visible (P11): arrivals and index merged. Whoever
// reads them may take a task or leave it where it is.

import { DEFAULT_LANE, LIMITS } from "../../core/limits.ts";
import { instantOf, keyOf } from "../../core/sequence.ts";
import type { Level } from "./level.ts";
import type { PlainTask } from "../arrivals/plain-tasks.ts";
import type { WholeTask } from "../tasks/whole-task.ts";
import type { QueueState } from "../state.ts";

/** A task that may be claimed, with its whole row if that was read. */
export type ReadyTask = PlainTask | WholeTask;

export class ReadyStream {
  readonly #state: QueueState;
  readonly level: Level;
  readonly #now: number;
  readonly #plain: Reader;
  readonly #indexed: Reader;
  #leftUntil = Number.POSITIVE_INFINITY;

  /** @param pageSize how many tasks to read from the index at a time, about as many as will be asked for */
  constructor(state: QueueState, level: Level, now: number, pageSize: number) {
    this.#state = state;
    this.level = level;
    this.#now = now;
    const hasPlain = isPlain(level) && state.arrivals.hasUnread;
    this.#plain = new Reader(hasPlain ? state.arrivals.unread("whole") : null, ({ seq }) =>
      state.arrivals.readUpTo(seq),
    );
    const isDue = level.nextAt <= now;
    this.#indexed = new Reader(isDue ? indexedTasks(state, level, now, pageSize) : null, ({ seq, visibleAt }) => {
      state.levels.passed(level, visibleAt ?? 0, keyOf(seq));
    });
  }

  /** The next ready task that is neither claimed nor done; undefined: there is none. The same one until it is taken or left. */
  peek(): ReadyTask | undefined {
    for (;;) {
      const reader = this.#first();
      const task = reader?.peek();
      if (reader === undefined || task === undefined) {
        this.#atEnd();
        return undefined;
      }
      const { claims, gone } = this.#state;
      if (claims.get(task.seq) === undefined && !gone.has(task.seq)) return task;
      reader.pass();
    }
  }

  /** The task last looked at is claimed or settled in this transaction: the read cursor may move past it. */
  take(): void {
    this.#first()?.pass();
  }

  /** The task last looked at stays as it is, and can be taken from `until` on: later claims find it, and what was read after it. */
  leave(until: number): void {
    this.#leftUntil = Math.min(this.#leftUntil, until);
    this.#first()?.leave();
  }

  /** The reader whose next task became visible first. */
  #first(): Reader | undefined {
    const plain = this.#plain.peek();
    const indexed = this.#indexed.peek();
    if (plain === undefined && indexed === undefined) return undefined;
    return plain !== undefined && (indexed === undefined || isBefore(plain, indexed)) ? this.#plain : this.#indexed;
  }

  /** Remembers that there is nothing more to read, so that the next claim need not look. */
  #atEnd(): void {
    const { lane, priority, nextAt } = this.level;
    if (isPlain(this.level)) this.#state.arrivals.readAll();
    if (nextAt > this.#now) return;
    const next = this.#state.tasks.firstVisibleFrom(lane, priority, this.#now + 1);
    this.#state.levels.nextAt(this.level, Math.min(this.#leftUntil, next ?? Number.POSITIVE_INFINITY));
  }
}

/** Visible tasks of a level after its cursor, page by page. */
function* indexedTasks(state: QueueState, level: Level, now: number, pageSize: number): Generator<ReadyTask> {
  const limit = Math.min(Math.max(pageSize, 1), LIMITS.batchTasks);
  let { afterAt, afterKey } = level;
  for (;;) {
    const page = state.tasks.indexedAfter(level.lane, level.priority, afterAt, afterKey, now, limit);
    for (const task of page) yield { ...task, inRun: null };
    const last = page.at(-1);
    if (last === undefined || page.length < limit) return;
    afterAt = last.visibleAt ?? afterAt;
    afterKey = keyOf(last.seq);
  }
}

/** Tasks whose next can be looked at before it is passed. The read cursor follows until a task is left. */
class Reader {
  readonly #tasks: Generator<ReadyTask> | null;
  readonly #passed: (task: ReadyTask) => void;
  #head: ReadyTask | undefined;
  #isEnded: boolean;
  #hasLeft = false;

  constructor(tasks: Generator<ReadyTask> | null, passed: (task: ReadyTask) => void) {
    this.#tasks = tasks;
    this.#passed = passed;
    this.#isEnded = tasks === null;
  }

  peek(): ReadyTask | undefined {
    if (this.#head === undefined && !this.#isEnded) {
      this.#head = this.#tasks?.next().value;
      this.#isEnded = this.#head === undefined;
    }
    return this.#head;
  }

  pass(): void {
    if (this.#head !== undefined && !this.#hasLeft) this.#passed(this.#head);
    this.#head = undefined;
  }

  leave(): void {
    this.#hasLeft = true;
    this.#head = undefined;
  }
}

function isPlain({ lane, priority }: Level): boolean {
  return lane === DEFAULT_LANE && priority === 0;
}

function isBefore(plain: ReadyTask, indexed: ReadyTask): boolean {
  const arrivedAt = instantOf(plain.seq);
  const visibleAt = indexed.visibleAt ?? 0;
  return arrivedAt === visibleAt ? plain.seq < keyOf(indexed.seq) : arrivedAt < visibleAt;
}
