// Holds a queue to the limits that its owner has set for it. Knows what has been asked and written lately, and nothing of turns:
// a request is counted, or refused, before anything is done for it.

import { isNeverHeldBack, looks } from "../core/held-back.ts";
import type { InputOf, OperationName, Refusal } from "../core/operation.ts";
import { NO_LIMITS, type QueueLimits } from "../core/settings.ts";
import { RequestRate } from "../core/request-rate.ts";
import { tasksWritten } from "../core/tasks-written.ts";

type RateName = "requestsPerSecond" | "tasksPerSecond" | "rowsPerSecond";

/** Its memory is that of a second, so an eviction only gives that second back. */
export class QueueQuota {
  #limits: QueueLimits = NO_LIMITS;
  readonly #rates = new Map<RateName, RequestRate>();
  /** In ms; read only by queues that are limited. */
  readonly #now: () => number;
  /** As they were when last counted. */
  #rowsWritten: number;

  constructor(now: () => number, rowsWritten: number) {
    this.#now = now;
    this.#rowsWritten = rowsWritten;
  }

  /** What the owner has set now. A rate that stays as it is keeps what was used of it. */
  set(limits: QueueLimits): void {
    if (limits === this.#limits) return;
    this.#limits = limits;
    const now = this.#now();
    for (const name of RATES) {
      const perSecond = limits[name];
      if (perSecond === null) this.#rates.delete(name);
      else if (this.#rates.get(name)?.perSecond !== perSecond) this.#rates.set(name, new RequestRate(perSecond, now));
    }
  }

  /** Counts a request. @returns why it is refused; null: it may go on */
  refusal<Name extends OperationName>(name: Name, input: InputOf<Name>): Refusal | null {
    if (this.#rates.size === 0) return null;
    const now = this.#now();
    const requests = this.#rates.get("requestsPerSecond");
    if (isNeverHeldBack(name)) {
      requests?.owe(now, 1);
      return null;
    }
    // Asked for first, and taken last: what one limit refuses uses up nothing of another.
    const rows = this.#rates.get("rowsPerSecond");
    const rowsAfterMs = looks(name) ? 0 : (rows?.wait(now, 1) ?? 0);
    if (rows !== undefined && rowsAfterMs > 0) return tooSoon("rows written", rows, rowsAfterMs);
    const count = tasksWritten(name, input);
    const tasks = count === 0 ? undefined : this.#rates.get("tasksPerSecond");
    const tasksAfterMs = tasks?.wait(now, count) ?? 0;
    if (tasks !== undefined && tasksAfterMs > 0) return tooSoon("tasks", tasks, tasksAfterMs);
    const requestsAfterMs = requests?.take(now) ?? 0;
    if (requests !== undefined && requestsAfterMs > 0) return tooSoon("requests", requests, requestsAfterMs);
    tasks?.take(now, count);
    return null;
  }

  /** A turn has ended, and so many rows have been written since the queue was opened: what is beyond the limit is owed. */
  wrote(rowsWritten: number): void {
    const rows = rowsWritten - this.#rowsWritten;
    this.#rowsWritten = rowsWritten;
    if (rows > 0) this.#rates.get("rowsPerSecond")?.owe(this.#now(), rows);
  }
}

const RATES: readonly RateName[] = ["requestsPerSecond", "tasksPerSecond", "rowsPerSecond"];

function tooSoon(what: string, { perSecond: limit }: RequestRate, retryAfterMs: number): Refusal {
  return { kind: "rate-limited", what: `${what} a second`, limit, retryAfterMs };
}
