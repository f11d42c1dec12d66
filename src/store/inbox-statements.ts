// Every statement on `inbox`: how far each sender's messages have been taken in. One row per sender.

import type { Sql } from "./sql.ts";

export interface InboxRow {
  /** Messages up to here are taken, or withdrawn; 0: none yet. */
  readonly lastSeq: number;
  /** The last message that its sender took back before it was taken; 0: none yet. */
  readonly withdrawn: number;
}

export const INBOX_SQL = {
  from: `SELECT last_seq AS lastSeq, withdrawn FROM inbox WHERE sender = ?`,
  taken: `INSERT INTO inbox (sender, last_seq) VALUES (?, ?) ON CONFLICT (sender) DO UPDATE SET last_seq = excluded.last_seq`,
  withdrawn: `INSERT INTO inbox (sender, last_seq, withdrawn) VALUES (?1, ?2, ?2)
    ON CONFLICT (sender) DO UPDATE SET last_seq = excluded.last_seq, withdrawn = excluded.withdrawn`,
} as const;

export class InboxStatements {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  from(sender: string): InboxRow {
    const row = this.#sql.all(INBOX_SQL.from, sender)[0] as unknown as InboxRow | undefined;
    return row ?? { lastSeq: 0, withdrawn: 0 };
  }

  taken(sender: string, seq: number): void {
    this.#sql.run(INBOX_SQL.taken, sender, seq);
  }

  withdrawn(sender: string, seq: number): void {
    this.#sql.run(INBOX_SQL.withdrawn, sender, seq);
  }
}
