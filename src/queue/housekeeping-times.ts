// When housekeeping (housekeeping.ts) next has something to remove.

import { NEVER_AT } from "../store/task-row.ts";

/** Removing what has expired is not urgent, since no claim offers it; so it costs one alarm a minute at most. */
const INTERVAL_MS = 60_000;

/** The last claimed task of a level that a round has passed over. */
export interface PassedTo {
  readonly lane: string;
  readonly priority: number;
  readonly visibleAt: number;
  readonly key: number;
}

export class HousekeepingTimes {
  /** null: nothing is due ever. */
  nextAt: number | null = null;
  /** When something was last removed in this life of the object. */
  doneAt = 0;
  /** The last task past its TTL that was looked at: the next round goes on after it. null: it begins at the first. */
  lookedTo: { readonly endsAt: number; readonly seq: number } | null = null;
  /** The same of tasks over the retention, in one lane and priority: the next round goes on there first. null: it begins anywhere. */
  passedTo: PassedTo | null = null;

  /** Something will be due for removal at `at`; looked for no more often than the interval since it was last removed. */
  dueAt(at: number): void {
    // Most are due no sooner than what is due already.
    if (at >= NEVER_AT || (this.nextAt !== null && at >= this.nextAt)) return;
    // Not since the wake: a wake that put off what it woke for would go on for ever.
    const due = Math.max(at, this.doneAt + INTERVAL_MS);
    this.nextAt = this.nextAt === null ? due : Math.min(this.nextAt, due);
  }
}
