// Every statement on `outbox`, what is to leave this object, and on `inbox`, what has been taken in.

import type { Sql } from "./sql.ts";

export interface OutboxRow {
  readonly receiver: string;
  /** Rises from message to message of this sender; the receiver takes each once. */
  readonly seq: number;
  readonly kind: string;
  readonly createdAt: number;
  readonly attempts: number;
  readonly parked: number;
  readonly error: string | null;
  /** JSON of the message but its payload. */
  readonly body: string;
  readonly payload: string | Uint8Array | ArrayBuffer | null;
}

const ROW = `receiver, seq, kind, created_at AS createdAt, attempts, parked, error, body, payload`;

export const OUTBOX_SQL = {
  insert: `INSERT INTO outbox (receiver, seq, kind, created_at, body, payload) VALUES (?, ?, ?, ?, ?, ?)`,
  /** The table's own order; one probe per receiver. */
  receiverAfter: `SELECT receiver FROM outbox WHERE receiver > ? ORDER BY receiver LIMIT 1`,
  pendingFor: `SELECT ${ROW} FROM outbox WHERE receiver = ? AND parked = 0 ORDER BY seq LIMIT ?`,
  deleteUpTo: `DELETE FROM outbox WHERE receiver = ? AND seq <= ? AND parked = 0`,
  count: `SELECT count(*) AS n FROM outbox`,
  lastSeq: `SELECT max(seq) AS seq FROM outbox`,
  lastSeqFrom: `SELECT last_seq AS lastSeq FROM inbox WHERE sender = ?`,
  taken: `INSERT INTO inbox (sender, last_seq) VALUES (?, ?) ON CONFLICT (sender) DO UPDATE SET last_seq = excluded.last_seq`,
} as const;

export class OutboxStatements {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  insert(row: Omit<OutboxRow, "attempts" | "parked" | "error">): void {
    this.#sql.run(OUTBOX_SQL.insert, row.receiver, row.seq, row.kind, row.createdAt, row.body, row.payload);
  }

  /** Every receiver with a message, a probe each. */
  receivers(limit: number): string[] {
    const found: string[] = [];
    let last: { receiver: string } | undefined = { receiver: "" };
    while (last !== undefined && found.length < limit) {
      last = this.#sql.all(OUTBOX_SQL.receiverAfter, last.receiver)[0] as { receiver: string } | undefined;
      if (last !== undefined) found.push(last.receiver);
    }
    return found;
  }

  pendingFor(receiver: string, limit: number): OutboxRow[] {
    return this.#sql.all(OUTBOX_SQL.pendingFor, receiver, limit) as unknown as OutboxRow[];
  }

  deleteUpTo(receiver: string, seq: number): void {
    this.#sql.run(OUTBOX_SQL.deleteUpTo, receiver, seq);
  }

  count(): number {
    return Number(this.#sql.all(OUTBOX_SQL.count)[0]?.["n"] ?? 0);
  }

  lastSeq(): number {
    return Number(this.#sql.all(OUTBOX_SQL.lastSeq)[0]?.["seq"] ?? 0);
  }

  /** The last message taken from a sender; 0: none yet. */
  lastSeqFrom(sender: string): number {
    return Number(this.#sql.all(OUTBOX_SQL.lastSeqFrom, sender)[0]?.["lastSeq"] ?? 0);
  }

  taken(sender: string, seq: number): void {
    this.#sql.run(OUTBOX_SQL.taken, sender, seq);
  }
}
