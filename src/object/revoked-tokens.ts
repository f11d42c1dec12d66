// The revoked tokens of a deployment, as the directory keeps them: one row each until the token would have ended.

import { LIMITS } from "../core/limits.ts";
import type { RevokedToken } from "../core/revoked-token.ts";
import type { Sql } from "../store/sql.ts";

const COLUMNS = "seq, id, expires_at AS expiresAt";

export class RevokedTokens {
  readonly #sql: Sql;
  /** Rows, those that have expired too; null: not counted since the object woke, or since some were removed. */
  #count: number | null = null;

  constructor(sql: Sql) {
    this.#sql = sql;
    // By id: revoking again changes nothing. By seq, which rises also after a rewind: what is new.
    this.#sql.run(`CREATE TABLE IF NOT EXISTS revoked_tokens (
      seq INTEGER PRIMARY KEY,
      id TEXT NOT NULL UNIQUE,
      expires_at INTEGER NOT NULL
    )`);
  }

  /** @returns the revocation, which may have been made before; null: there are as many as there may be */
  add(id: string, expiresAt: number, now: number): RevokedToken | null {
    const before = this.#find(id);
    if (before !== null && before.expiresAt >= expiresAt) return before;
    if (before !== null) this.#sql.run(`DELETE FROM revoked_tokens WHERE id = ?`, id);
    this.#count = before === null ? this.#counted() : this.#counted() - 1;
    if (this.#count >= LIMITS.revokedTokens) {
      this.#sql.run(`DELETE FROM revoked_tokens WHERE expires_at <= ?`, now);
      this.#count = null;
      if (this.#counted() >= LIMITS.revokedTokens) return null;
    }
    const [row] = this.#sql.all(`SELECT coalesce(max(seq), 0) AS last FROM revoked_tokens`);
    const seq = 1 + Math.max(Number(row?.["last"]), before?.seq ?? 0, now - 1);
    this.#sql.run(`INSERT INTO revoked_tokens (seq, id, expires_at) VALUES (?, ?, ?)`, seq, id, expiresAt);
    this.#count = this.#counted() + 1;
    return { seq, id, expiresAt };
  }

  /** Those that have not expired, in the order in which they were revoked. */
  since(seq: number, limit: number, now: number): RevokedToken[] {
    return this.#sql.all(
      `SELECT ${COLUMNS} FROM revoked_tokens WHERE seq > ? AND expires_at > ? ORDER BY seq LIMIT +?`,
      seq,
      now,
      limit,
    ) as unknown as RevokedToken[];
  }

  #counted(): number {
    this.#count ??= Number(this.#sql.all(`SELECT count(*) AS count FROM revoked_tokens`)[0]?.["count"]);
    return this.#count;
  }

  #find(id: string): RevokedToken | null {
    const [row] = this.#sql.all(`SELECT ${COLUMNS} FROM revoked_tokens WHERE id = ?`, id);
    return (row as unknown as RevokedToken | undefined) ?? null;
  }
}
