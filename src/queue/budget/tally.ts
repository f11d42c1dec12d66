// The usage of a queue in a span of time, by purpose. A few additions for a call; names are few, and never a user's.

import type { OperationName } from "../../core/operation.ts";
import type { Usage } from "../../core/prices.ts";

/**
 * What is used is used for an operation, or: `alarm`, what time made due and the alarms themselves; `delivery`, messages on their way
 * to other queues; `receive`, those that came from others; `socket`, messages and openings of sockets; `history`, its rows.
 */
export type UsedFor = OperationName | "alarm" | "delivery" | "receive" | "socket" | "history";

export interface Used {
  /** Of `socket`: messages that came. */
  calls: number;
  requests: number;
  rowsRead: number;
  rowsWritten: number;
}

/** As it is stored, by what it was used for: calls, requests, rows read and rows written; of no name, ms awake. */
export type StoredTally = Readonly<Record<string, readonly number[]>>;

export class Tally {
  awakeMs = 0;
  readonly #used = new Map<UsedFor, Used>();

  of(use: UsedFor): Used {
    const known = this.#used.get(use);
    if (known !== undefined) return known;
    const used = { calls: 0, requests: 0, rowsRead: 0, rowsWritten: 0 };
    this.#used.set(use, used);
    return used;
  }

  add(more: Tally): void {
    this.awakeMs += more.awakeMs;
    for (const [use, used] of more.#used) this.#add(use, used);
  }

  clear(): void {
    this.awakeMs = 0;
    this.#used.clear();
  }

  entries(): [UsedFor, Readonly<Used>][] {
    return [...this.#used];
  }

  total(): Usage {
    const total = { rowsWritten: 0, rowsRead: 0, requests: 0, messages: 0, awakeMs: this.awakeMs };
    for (const [use, { calls, requests, rowsRead, rowsWritten }] of this.#used) {
      total.rowsWritten += rowsWritten;
      total.rowsRead += rowsRead;
      total.requests += requests;
      if (use === "socket") total.messages += calls;
    }
    return total;
  }

  toStored(): StoredTally {
    const used = Array.from(
      this.#used,
      ([use, { calls, requests, rowsRead, rowsWritten }]) => [use, [calls, requests, rowsRead, rowsWritten]] as const,
    );
    return Object.fromEntries(this.awakeMs === 0 ? used : [...used, ["", [this.awakeMs]]]);
  }

  /** What is stored may be of any form: what is not of this one counts as nothing. */
  addStored(stored: unknown): void {
    if (typeof stored !== "object" || stored === null) return;
    for (const [use, counts] of Object.entries(stored)) {
      if (!Array.isArray(counts) || !counts.every(isCount)) continue;
      const [calls = 0, requests = 0, rowsRead = 0, rowsWritten = 0] = counts;
      if (use === "") this.awakeMs += calls;
      else this.#add(use as UsedFor, { calls, requests, rowsRead, rowsWritten });
    }
  }

  #add(use: UsedFor, { calls, requests, rowsRead, rowsWritten }: Used): void {
    const used = this.of(use);
    used.calls += calls;
    used.requests += requests;
    used.rowsRead += rowsRead;
    used.rowsWritten += rowsWritten;
  }
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value) && value >= 0;
}
