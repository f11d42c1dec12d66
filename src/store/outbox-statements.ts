// Every statement on `outbox`, what is to leave this object, and `sent`, the numbers given to it so far.

import { withAttemptIfAny } from "./past-attempts.ts";
import type { Sql } from "./sql.ts";

export interface OutboxRow {
  readonly receiver: string;
  /** Rises from message to message of this sender; the receiver takes each once. */
  readonly seq: number;
  readonly kind: string;
  readonly createdAt: number;
  /** How often the receiver has refused it. */
  readonly attempts: number;
  readonly parked: number;
  /** Why the last attempt failed. */
  readonly error: string | null;
  /** JSON of the message but its payload. */
  readonly body: string;
  readonly payload: string | Uint8Array | ArrayBuffer | null;
}

export interface OutboxCounts {
  messages: number;
  parked: number;
}

/** A row as people are shown it: of its body, which headers may make large, the task's id. */
export type OutboxEntry = Omit<OutboxRow, "payload" | "body"> & { readonly id: string | null };

const HEAD = `receiver, seq, kind, created_at AS createdAt, attempts, parked, error`;

export const OUTBOX_SQL = {
  insert: `INSERT INTO outbox (receiver, seq, kind, created_at, body, payload) VALUES (?, ?, ?, ?, ?, ?)`,
  /** The payload of a task goes from row to row, and is not held in memory; so do its past attempts, with one more. */
  insertTask: `INSERT INTO outbox (receiver, seq, kind, created_at, body, payload)
    SELECT ?1, ?2, ?3, ?4, CASE WHEN coalesce(past_attempts, ?7) IS NULL THEN ?5
      ELSE json_set(?5, '$.pastAttempts', json(${withAttemptIfAny("?7")})) END,
      payload FROM tasks WHERE seq = ?6`,
  /** The table's own order; one probe per receiver. */
  receiverAfter: `SELECT receiver FROM outbox WHERE receiver > ? ORDER BY receiver LIMIT 1`,
  /** Sizes alone, so that what one call cannot carry is not read. */
  sizesFor: `SELECT seq, octet_length(body) + coalesce(octet_length(payload), 0) AS bytes FROM outbox
    WHERE receiver = +? AND seq > ? AND parked = 0 ORDER BY seq LIMIT +?`,
  pendingUpTo: `SELECT ${HEAD}, body, payload FROM outbox WHERE receiver = +? AND seq > ? AND seq <= ? AND parked = 0 ORDER BY seq`,
  deleteUpTo: `DELETE FROM outbox WHERE receiver = +? AND seq > ? AND seq <= ? AND parked = 0`,
  refused: `UPDATE outbox SET attempts = attempts + 1, error = ? WHERE receiver = ? AND seq = ?`,
  failed: `UPDATE outbox SET error = ? WHERE receiver = ? AND seq = ?`,
  park: `UPDATE outbox SET parked = 1 WHERE receiver = ? AND seq = ?`,
  parkedAfter: `SELECT receiver, seq, octet_length(body) + coalesce(octet_length(payload), 0) AS bytes FROM outbox WHERE (receiver, seq) > (?, ?) AND receiver <= ? AND parked = 1
    ORDER BY receiver, seq LIMIT +?`,
  sendAgain: `UPDATE outbox SET seq = ?, parked = 0, attempts = 0, error = NULL WHERE receiver = ? AND seq = ? AND parked = 1`,
  page: `SELECT ${HEAD}, json_extract(body, '$.id') AS id FROM outbox WHERE (receiver, seq) > (?, ?) ORDER BY receiver, seq LIMIT +?`,
  count: `SELECT count(*) AS messages, coalesce(sum(parked), 0) AS parked FROM outbox`,
  sentUpTo: `SELECT up_to AS upTo FROM sent`,
  /** Of a database that is older than the table of numbers. */
  lastSeq: `SELECT max(seq) AS upTo FROM outbox`,
  reserve: `INSERT INTO sent (id, up_to) VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET up_to = excluded.up_to`,
} as const;

/** Sorts after every receiver: names hold no character above `z`. */
const AFTER_RECEIVERS = "~";

export class OutboxStatements {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  insert(row: Omit<OutboxRow, "attempts" | "parked" | "error">): void {
    this.#sql.run(OUTBOX_SQL.insert, row.receiver, row.seq, row.kind, row.createdAt, row.body, row.payload);
  }

  /** A message that takes the payload of a stored task along. */
  insertTask(
    row: Omit<OutboxRow, "attempts" | "parked" | "error" | "payload">,
    taskSeq: number,
    attempt: string | null,
  ): void {
    this.#sql.run(OUTBOX_SQL.insertTask, row.receiver, row.seq, row.kind, row.createdAt, row.body, taskSeq, attempt);
  }

  /** Receivers with messages in the order of their names, those after `name`, a probe each. */
  receiversAfter(name: string, limit: number): string[] {
    const found: string[] = [];
    let last: { receiver: string } | undefined = { receiver: name };
    while (last !== undefined && found.length < limit) {
      last = this.#sql.all(OUTBOX_SQL.receiverAfter, last.receiver)[0] as { receiver: string } | undefined;
      if (last !== undefined) found.push(last.receiver);
    }
    return found;
  }

  /** The next messages for a receiver after a number: as many as `limit` and `bytes` allow, but one if there is any. */
  pendingFor(receiver: string, after: number, limit: number, bytes: number): OutboxRow[] {
    const sizes = this.#sql.all(OUTBOX_SQL.sizesFor, receiver, after, limit) as unknown as {
      seq: number;
      bytes: number;
    }[];
    let upTo = 0;
    let total = 0;
    for (const size of sizes) {
      total += size.bytes;
      if (upTo > 0 && total > bytes) break;
      upTo = size.seq;
    }
    if (upTo === 0) return [];
    return this.#sql.all(OUTBOX_SQL.pendingUpTo, receiver, after, upTo) as unknown as OutboxRow[];
  }

  /** Messages that are not parked, those after a number and up to another. Answers with how many there were. */
  delete(receiver: string, after: number, upTo: number): number {
    return this.#sql.run(OUTBOX_SQL.deleteUpTo, receiver, after, upTo);
  }

  /** The receiver refused it, and why. */
  refused(receiver: string, seq: number, error: string): void {
    this.#sql.run(OUTBOX_SQL.refused, error, receiver, seq);
  }

  /** Whether the receiver took it is not known, and why. */
  failed(receiver: string, seq: number, error: string): void {
    this.#sql.run(OUTBOX_SQL.failed, error, receiver, seq);
  }

  park(receiver: string, seq: number): void {
    this.#sql.run(OUTBOX_SQL.park, receiver, seq);
  }

  /** Parked messages, for one receiver or (null) for all. */
  parked(receiver: string | null, limit: number): { receiver: string; seq: number; bytes: number }[] {
    const from = receiver ?? "";
    const to = receiver ?? AFTER_RECEIVERS;
    return this.#sql.all(OUTBOX_SQL.parkedAfter, from, 0, to, limit) as unknown as ReturnType<
      OutboxStatements["parked"]
    >;
  }

  /** A parked message is pending again, as a new one. */
  sendAgain(receiver: string, seq: number, newSeq: number): void {
    this.#sql.run(OUTBOX_SQL.sendAgain, newSeq, receiver, seq);
  }

  page(afterReceiver: string, afterSeq: number, limit: number): OutboxEntry[] {
    return this.#sql.all(OUTBOX_SQL.page, afterReceiver, afterSeq, limit) as unknown as OutboxEntry[];
  }

  count(): OutboxCounts {
    const [row] = this.#sql.all(OUTBOX_SQL.count);
    return { messages: Number(row?.["messages"] ?? 0), parked: Number(row?.["parked"] ?? 0) };
  }

  /** Up to where numbers may have been sent; 0: none was. */
  sentUpTo(): number {
    const [sent] = this.#sql.all(OUTBOX_SQL.sentUpTo);
    return Number((sent ?? this.#sql.all(OUTBOX_SQL.lastSeq)[0])?.["upTo"] ?? 0);
  }

  reserve(upTo: number): void {
    this.#sql.run(OUTBOX_SQL.reserve, upTo);
  }
}
