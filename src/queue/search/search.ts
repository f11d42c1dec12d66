// Walks over the tasks that may match, heads first: a payload is read only of a task whose head leaves it open. One walk looks at
// a bounded number of tasks and a bounded number of bytes, whatever is asked for, and says where to go on.

import { LIMITS } from "../../core/limits.ts";
import type { SearchInput } from "../../core/operation.ts";
import { searchedLane, searchedState } from "../../core/search.ts";
import type { TaskState } from "../../core/task.ts";
import { plainHead } from "../arrivals/kept-row.ts";
import type { QueueState } from "../state.ts";
import { readStored } from "../tasks/read-stored.ts";
import { idOf, stateOf } from "../tasks/task-view.ts";
import type { SeenTask, Step } from "../tasks/walk-step.ts";
import { walkTasks } from "../tasks/walk-tasks.ts";
import { TermTests, type SeenHead } from "./term-tests.ts";

type Place = Step["place"];

/** A task that matches. */
export interface Match extends SeenHead {
  readonly task: SeenTask;
  /** Where to go on so that it is come to again. */
  readonly before: Place;
}

/** A task that was come to. */
interface Looked {
  readonly seen: SeenHead;
  readonly task: SeenTask;
  /** null: its payload, unread so far, decides. */
  isMatch: boolean | null;
}

/** Heads that are read at a time: few at first, since few may be asked for. */
const FIRST_HEADS = 16;
const MOST_HEADS = 256;
/** Payloads that are read at a time, in bytes; a larger one comes alone. */
const READ_BYTES = 262_144;

export class Search {
  readonly #state: QueueState;
  readonly #tests: TermTests;
  readonly #steps: Generator<Step>;
  readonly #now: number;
  readonly #only: TaskState | undefined;
  /** Of what was looked at, payloads once for each term that looks into them. */
  #bytes = 0;
  /** Tasks and rows looked at. */
  lookedAt = 0;
  /** Where to go on; null: everything was looked at. */
  after: Place | null;

  /** @param only the state that tasks are to be in; absent: that of the terms, if they name one */
  constructor(
    state: QueueState,
    { terms, after }: Pick<SearchInput, "terms" | "after">,
    now: number,
    only: TaskState | undefined = searchedState(terms),
  ) {
    this.#state = state;
    this.#tests = new TermTests(terms);
    this.#now = now;
    this.#only = only;
    this.after = after;
    const lane = searchedLane(terms);
    const wanted = { ...(only === undefined ? {} : { state: only }), ...(lane === undefined ? {} : { lane }) };
    this.#steps = walkTasks(state, wanted, after, now);
  }

  /** Tasks that match, in the order of the walk. Whoever stops finds in `after` what lies after the last of them. */
  *matches(): Generator<Match> {
    const { scans } = this.#state;
    try {
      for (let size = FIRST_HEADS; this.lookedAt < LIMITS.pageScan; size = Math.min(2 * size, MOST_HEADS)) {
        if (this.#bytes >= LIMITS.searchBytes) return;
        const asked = Math.min(size, LIMITS.pageScan - this.lookedAt);
        const steps = this.#next(asked);
        for (const { task } of steps) this.#bytes += task?.otherBytes ?? 0;
        const looked = this.#heads(steps);
        for (const [index, { place }] of steps.entries()) {
          const one = looked[index] ?? null;
          if (one?.isMatch === null && !this.#readPayloads(looked, index)) return;
          const before = this.after ?? 0;
          this.after = place;
          this.lookedAt += 1;
          if (one?.isMatch === true) yield { ...one.seen, task: one.task, before };
        }
        if (steps.length === asked) continue;
        this.after = null;
        return;
      }
    } finally {
      scans.looked(this.lookedAt);
      scans.moved(this.#bytes);
    }
  }

  #next(most: number): Step[] {
    const steps: Step[] = [];
    while (steps.length < most) {
      const { value, done } = this.#steps.next() as IteratorResult<Step, undefined>;
      if (done === true) break;
      steps.push(value);
    }
    return steps;
  }

  /** What the heads decide about the tasks that were come to. null: no task. */
  #heads(steps: readonly Step[]): (Looked | null)[] {
    const own = steps.flatMap(({ task }) => (task === null || task.inRun !== null ? [] : [task.seq]));
    const heads = new Map(this.#state.tasks.headsAt(own).map((head) => [head.seq, head]));
    return steps.map(({ task }) => {
      if (task === null) return null;
      const head = task.inRun === null ? heads.get(task.seq) : plainHead(task.seq);
      if (head === undefined) throw new Error(`task ${task.seq} was come to and has no row`);
      const claim = this.#state.claims.get(task.seq);
      const state = stateOf(head, claim, this.#now);
      const isClaimed = state === "claimed" && claim !== undefined;
      // A walk also comes to others than those that are wanted.
      const isOther = this.#only !== undefined && state !== this.#only;
      const seen: SeenHead = {
        head,
        id: idOf(this.#state.lives, head),
        state,
        attempts: isClaimed ? head.attempts + 1 : head.attempts,
        claimant: isClaimed ? claim.slot.claimant : null,
      };
      return { seen, task, isMatch: isOther ? false : this.#tests.matchesHead(seen) };
    });
  }

  /** Reads some of the payloads that are wanted, from one place on, and decides by them. False: enough has been read. */
  #readPayloads(looked: readonly (Looked | null)[], from: number): boolean {
    if (this.#bytes >= LIMITS.searchBytes) return false;
    const open: Looked[] = [];
    const runs = new Set<number>();
    let bytes = 0;
    for (const one of looked.slice(from)) {
      if (one?.isMatch !== null) continue;
      const { inRun, bytes: own } = one.task;
      const more = inRun !== null && runs.has(inRun.seq) ? 0 : own;
      if (open.length > 0 && bytes + more > READ_BYTES) break;
      if (inRun !== null) runs.add(inRun.seq);
      bytes += more;
      open.push(one);
    }
    const stored = readStored(
      this.#state,
      open.map(({ task }) => task),
    );
    for (const one of open) {
      const row = stored.get(one.task.seq);
      one.isMatch = row !== undefined && this.#tests.matchesPayload(one.seen, row);
    }
    this.#bytes += bytes * this.#tests.looks;
    return true;
  }
}
