// Every statement on `inbox`: how far each sender's messages have been taken in. One row per sender.

import type { Sql } from "./sql.ts";

export interface InboxRow {
  /** Messages up to here are taken, or withdrawn; 0: none yet. */
  readonly lastSeq: number;
  /** The last messages that their sender took back before they were taken, the newest first. */
  readonly withdrawn: readonly number[];
}

export const INBOX_SQL = {
  from: `SELECT last_seq AS lastSeq, withdrawn, withdrawn_before AS before FROM inbox WHERE sender = ?`,
  taken: `INSERT INTO inbox (sender, last_seq) VALUES (?, ?) ON CONFLICT (sender) DO UPDATE SET last_seq = excluded.last_seq`,
  withdrawn: `INSERT INTO inbox (sender, last_seq, withdrawn, withdrawn_before) VALUES (?1, ?2, ?2, ?3)
    ON CONFLICT (sender) DO UPDATE SET last_seq = excluded.last_seq, withdrawn = excluded.withdrawn,
    withdrawn_before = excluded.withdrawn_before`,
} as const;

interface StoredRow {
  readonly lastSeq: number;
  /** 0: none. */
  readonly withdrawn: number;
  readonly before: string;
}

export class InboxStatements {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  from(sender: string): InboxRow {
    const row = this.#sql.all(INBOX_SQL.from, sender)[0] as unknown as StoredRow | undefined;
    if (row === undefined) return NOTHING_TAKEN;
    const { lastSeq, withdrawn, before } = row;
    return { lastSeq, withdrawn: withdrawn === 0 ? [] : [withdrawn, ...(JSON.parse(before) as number[])] };
  }

  taken(sender: string, seq: number): void {
    this.#sql.run(INBOX_SQL.taken, sender, seq);
  }

  /** @param before those that it took back before, the newest first */
  withdrawn(sender: string, seq: number, before: readonly number[]): void {
    this.#sql.run(INBOX_SQL.withdrawn, sender, seq, JSON.stringify(before));
  }
}

/** What an inbox says of a sender that it has not heard of. */
export const NOTHING_TAKEN: InboxRow = { lastSeq: 0, withdrawn: [] };
