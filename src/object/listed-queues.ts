// Which queues exist. Those that were deleted are kept apart and for a while, so that a late message of a former life cannot
// bring one back, and so that nobody who lists the living reads over the dead.

import type { QueueReport } from "../core/queue-report.ts";
import type { Sql } from "../store/sql.ts";
import type { Message } from "../queue/queue.ts";

export interface DirectoryEntry {
  readonly name: string;
  readonly createdAt: number;
}

/** How long the name of a deleted queue is kept: a call of its former life that is still on its way ends within minutes. ms. */
const KEPT_MS = 7 * 86_400_000;
/** Names forgotten at one time. */
const SLICE = 1_000;

export class ListedQueues {
  readonly #sql: Sql;

  constructor(sql: Sql, now: number) {
    this.#sql = sql;
    this.#sql.run(`CREATE TABLE IF NOT EXISTS queues (
      name TEXT PRIMARY KEY,
      seq INTEGER NOT NULL,
      created_at INTEGER
    ) WITHOUT ROWID`);
    if (sql.all(`SELECT 1 FROM sqlite_master WHERE name = 'deleted_queues'`).length > 0) return;
    sql.transaction(() => {
      this.#sql.run(`CREATE TABLE deleted_queues (
        name TEXT PRIMARY KEY,
        seq INTEGER NOT NULL,
        created_at INTEGER,
        deleted_at INTEGER NOT NULL
      ) WITHOUT ROWID`);
      this.#sql.run(`CREATE INDEX deleted_queues_at ON deleted_queues (deleted_at)`);
      // They had their place among the living once.
      this.#sql.run(`INSERT INTO deleted_queues SELECT name, seq, NULL, ? FROM queues WHERE created_at IS NULL`, now);
      this.#sql.run(`DELETE FROM queues WHERE created_at IS NULL`);
    });
  }

  /** Takes in that a queue was made or deleted. A message that comes twice or late changes nothing. */
  heard(name: string, { kind, seq, body }: Message, now: number): "made" | "deleted" | "nothing" {
    const [known] = this.#sql.all(
      `SELECT seq, created_at AS createdAt FROM queues WHERE name = ?1
       UNION ALL SELECT seq, created_at FROM deleted_queues WHERE name = ?1`,
      name,
    );
    if (known !== undefined && seq <= Number(known["seq"])) return "nothing";
    if (kind === "register") {
      const { createdAt } = JSON.parse(body) as DirectoryEntry;
      this.#sql.run(`DELETE FROM deleted_queues WHERE name = ?`, name);
      this.#sql.run(
        `INSERT INTO queues (name, seq, created_at) VALUES (?, ?, ?)
         ON CONFLICT (name) DO UPDATE SET seq = excluded.seq, created_at = excluded.created_at`,
        name,
        seq,
        createdAt,
      );
      return "made";
    }
    this.#sql.run(`DELETE FROM queues WHERE name = ?`, name);
    this.#sql.run(
      `INSERT INTO deleted_queues (name, seq, created_at, deleted_at) VALUES (?, ?, ?, ?)
       ON CONFLICT (name) DO UPDATE SET seq = excluded.seq, created_at = excluded.created_at, deleted_at = excluded.deleted_at`,
      name,
      seq,
      known?.["createdAt"] ?? null,
      now,
    );
    return "deleted";
  }

  /** Whether a report is of a life of the queue that has ended. */
  isOfDeleted(name: string, { createdAt }: QueueReport): boolean {
    const found = this.#sql.all(`SELECT 1 FROM deleted_queues WHERE name = ? AND created_at = ?`, name, createdAt);
    return found.length > 0;
  }

  /** In the order of their names, those after `after`. */
  after(after: string, limit: number): DirectoryEntry[] {
    return this.#sql.all(
      `SELECT name, created_at AS createdAt FROM queues WHERE name > ? ORDER BY name LIMIT +?`,
      after,
      limit,
    ) as unknown as DirectoryEntry[];
  }

  /** When the next deleted name is to be forgotten; null: there is none. */
  nextForgottenAt(): number | null {
    const [row] = this.#sql.all(`SELECT min(deleted_at) AS deletedAt FROM deleted_queues`);
    const deletedAt = row?.["deletedAt"] ?? null;
    return deletedAt === null ? null : Number(deletedAt) + KEPT_MS;
  }

  /** Forgets names that were deleted long ago, a bounded number of them. */
  forget(now: number): void {
    this.#sql.run(
      `DELETE FROM deleted_queues WHERE name IN
       (SELECT name FROM deleted_queues WHERE deleted_at <= ? ORDER BY deleted_at LIMIT ${SLICE})`,
      now - KEPT_MS,
    );
  }
}
