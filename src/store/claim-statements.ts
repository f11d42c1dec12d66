// Every statement on `claims`: one row per claim call, overwritten when its tasks are gone.

import { LIMITS } from "../core/limits.ts";
import type { Sql } from "./sql.ts";

/**
 * A claimed task in its claim's row: seq, the row's version at the claim and, if it was extended apart, its own deadline.
 * With a count: as many tasks of a run, from this key on.
 */
export type ClaimEntry = readonly [seq: number, version: number, expiresAt?: number | null, count?: number];

export interface ClaimRow {
  readonly slot: number;
  readonly nonce: string;
  readonly claimant: string | null;
  /** Who was handed the tasks, if it is one who can be asked to give them back: a socket. */
  readonly holder: string | null;
  readonly expiresAt: number;
  /** When the call took its tasks; null: not known, the row is of an earlier version. */
  readonly claimedAt: number | null;
  /** The plain tasks up to this key have all been claimed once: where reading goes on after a restart. */
  readonly readTo: number;
  /** The last key that had been given out: keys go on above it after a restart, though their tasks be gone. */
  readonly lastKey: number;
  /** When the queue's own rate has been used up, as `core/rate.ts` counts; 0: never. */
  readonly rateAt: number;
  /** The same of the keys whose tasks the call took, if they have a rate. */
  readonly charged: readonly Charge[];
  /** Tasks that were acked, by their seqs, and whose rows were yet to go when this was written (P5). */
  readonly acked: readonly number[];
  readonly entries: readonly ClaimEntry[];
}

export type Charge = readonly [key: string, theoreticalAt: number];

/** A row whose task still stands at the version that was claimed. */
export interface LiveEntry {
  readonly slot: number;
  readonly seq: number;
  readonly version: number;
  readonly attempts: number;
  readonly expiresAt: number | null;
  readonly maxAttempts: number | null;
  readonly visibleAt: number | null;
  readonly lane: string;
  readonly priority: number;
  /** Of the payload in its own row; in a run, 0. */
  readonly bytes: number;
  readonly hasId: number;
}

/** A task that was acked, by what the row of a slot says, and whose own row is still there. */
export interface AckedRow {
  readonly slot: number;
  readonly seq: number;
  readonly lane: string;
  readonly priority: number;
  readonly visibleAt: number | null;
}

/** Claimed tasks of a run: `count` of them from key `seq` on, in the run that begins at `runSeq`. */
export interface RunEntry {
  readonly slot: number;
  readonly seq: number;
  readonly expiresAt: number | null;
  readonly count: number;
  readonly runSeq: number;
  readonly run: number;
}

const USUAL = `slot, nonce, holder, expires_at, claimed_at, read_to, last_key, entries`;

export const CLAIM_SQL = {
  /** Most rows say no more than this. A value takes the platform 0.2 µs to bind; those left out become their defaults. */
  putUsual: `INSERT OR REPLACE INTO claims (${USUAL}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  put: `INSERT OR REPLACE INTO claims (${USUAL}, claimant, rate_at, charged, acked)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  all: `SELECT slot, nonce, claimant, holder, expires_at AS expiresAt, claimed_at AS claimedAt,
    read_to AS readTo, last_key AS lastKey, rate_at AS rateAt, charged FROM claims ORDER BY slot`,
  /** Each claimed task by its key: never a scan of the backlog (P12). */
  liveEntries: `SELECT c.slot, t.seq, t.version, t.attempts, json_extract(e.value, '$[2]') AS expiresAt, t.lane, t.priority,
    t.max_attempts AS maxAttempts, t.visible_at AS visibleAt, t.task_id IS NOT NULL AND t.origin IS NULL AS hasId,
    octet_length(t.payload) AS bytes
    FROM claims c CROSS JOIN json_each(c.entries) e CROSS JOIN tasks t ON t.seq = json_extract(e.value, '$[0]')
    WHERE t.version = json_extract(e.value, '$[1]') AND t.state = 0 AND json_extract(e.value, '$[3]') IS NULL`,
  /** Each run by its row, a run's length back at most. */
  runEntries: `SELECT c.slot, json_extract(e.value, '$[0]') AS seq, json_extract(e.value, '$[2]') AS expiresAt,
    json_extract(e.value, '$[3]') AS count, t.seq AS runSeq, t.run AS run
    FROM claims c CROSS JOIN json_each(c.entries) e CROSS JOIN tasks t ON t.seq = (SELECT r.seq FROM tasks r
      WHERE r.seq <= json_extract(e.value, '$[0]') AND r.seq > json_extract(e.value, '$[0]') - ${LIMITS.runTasks} AND r.run IS NOT NULL
      ORDER BY r.seq DESC LIMIT 1)
    WHERE json_extract(e.value, '$[3]') IS NOT NULL`,
  forgetHolders: `UPDATE claims SET holder = NULL WHERE holder IS NOT NULL`,
  forgetCharges: `UPDATE claims SET rate_at = 0, charged = NULL WHERE rate_at <> 0 OR charged IS NOT NULL`,
  /** Each by its seq. */
  ackedRows: `SELECT c.slot, t.seq, t.lane, t.priority, t.visible_at AS visibleAt
    FROM claims c CROSS JOIN json_each(c.acked) e CROSS JOIN tasks t ON t.seq = e.value`,
  deleteAll: `DELETE FROM claims`,
} as const;

export class ClaimStatements {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  put(row: ClaimRow): void {
    const { slot, nonce, claimant, holder, expiresAt, claimedAt, readTo, lastKey, rateAt, charged, acked } = row;
    const entries = JSON.stringify(row.entries);
    if (claimant === null && rateAt === 0 && charged.length === 0 && acked.length === 0) {
      this.#sql.run(CLAIM_SQL.putUsual, slot, nonce, holder, expiresAt, claimedAt, readTo, lastKey, entries);
      return;
    }
    this.#sql.run(
      CLAIM_SQL.put,
      slot,
      nonce,
      holder,
      expiresAt,
      claimedAt,
      readTo,
      lastKey,
      entries,
      claimant,
      rateAt,
      charged.length === 0 ? null : JSON.stringify(charged),
      acked.length === 0 ? null : JSON.stringify(acked),
    );
  }

  all(): Omit<ClaimRow, "acked" | "entries">[] {
    type Stored = Omit<ClaimRow, "acked" | "entries" | "charged"> & { readonly charged: string | null };
    const rows = this.#sql.all(CLAIM_SQL.all) as unknown as Stored[];
    return rows.map((row) => ({ ...row, charged: row.charged === null ? [] : (JSON.parse(row.charged) as Charge[]) }));
  }

  liveEntries(): LiveEntry[] {
    return this.#sql.all(CLAIM_SQL.liveEntries) as unknown as LiveEntry[];
  }

  runEntries(): RunEntry[] {
    return this.#sql.all(CLAIM_SQL.runEntries) as unknown as RunEntry[];
  }

  /** What is claimed stays so, and is no socket's any more. */
  forgetHolders(): void {
    this.#sql.run(CLAIM_SQL.forgetHolders);
  }

  /** No row says any longer what was used of rates. */
  forgetCharges(): void {
    this.#sql.run(CLAIM_SQL.forgetCharges);
  }

  ackedRows(): AckedRow[] {
    return this.#sql.all(CLAIM_SQL.ackedRows) as unknown as AckedRow[];
  }

  deleteAll(): void {
    this.#sql.run(CLAIM_SQL.deleteAll);
  }
}
