// Which queues exist. Queues register through their outbox; a message that comes twice or late changes nothing.

import { DurableObject } from "cloudflare:workers";
import type { Grant } from "../api/grant.ts";
import type { QueueReport, ReportedQueue } from "../core/queue-report.ts";
import { ReportedQueues, type OverviewPlace } from "./reported-queues.ts";
import type { Message, ReceiveOutcome } from "../queue/queue.ts";

export interface DirectoryEntry {
  readonly name: string;
  readonly createdAt: number;
}

export class DirectoryObject extends DurableObject {
  readonly #sql: SqlStorage;
  readonly #reported: ReportedQueues;

  constructor(ctx: DurableObjectState, env: unknown) {
    super(ctx, env as never);
    this.#sql = ctx.storage.sql;
    // A deleted queue keeps its row, so that a late message of its former life cannot bring it back.
    this.#sql.exec(`CREATE TABLE IF NOT EXISTS queues (
      name TEXT PRIMARY KEY,
      seq INTEGER NOT NULL,
      created_at INTEGER
    ) WITHOUT ROWID`);
    this.#reported = new ReportedQueues(this.#sql);
  }

  receive(sender: string, messages: readonly Message[]): ReceiveOutcome {
    let upTo = 0;
    for (const message of messages) {
      const createdAt = message.kind === "register" ? (JSON.parse(message.body) as DirectoryEntry).createdAt : null;
      const { rowsWritten } = this.#sql.exec(
        `INSERT INTO queues (name, seq, created_at) VALUES (?, ?, ?)
         ON CONFLICT (name) DO UPDATE SET seq = excluded.seq, created_at = excluded.created_at WHERE excluded.seq > seq`,
        sender,
        message.seq,
        createdAt,
      );
      // Not by a late message of a former life.
      if (createdAt === null && rowsWritten > 0) this.#reported.forget(sender);
      upTo = message.seq;
    }
    return { kind: "received", upTo };
  }

  /** A queue tells how it is. Asked for nothing in return; true: it is kept. */
  report(name: string, report: QueueReport): boolean {
    this.#reported.keep(name, report, Date.now());
    return true;
  }

  /** Queues with their last reports, in the order of their names, those after `after` that the grant may browse. */
  overview(after: string, limit: number, grant: Grant): ReportedQueue[] {
    return this.#reported.byName(after, limit, grant, Date.now());
  }

  /** The same, those in the gravest trouble first. `last`: where the next page begins. */
  overviewByTrouble(
    after: OverviewPlace | null,
    limit: number,
    grant: Grant,
  ): { readonly queues: ReportedQueue[]; readonly last: OverviewPlace | null } {
    return this.#reported.byTrouble(after, limit, grant, Date.now());
  }

  /** Writes a row, and answers when it is on disk. Rejected when that cannot be. */
  async proveWritable(now: number): Promise<void> {
    this.ctx.storage.kv.put("written-at", now);
    await this.ctx.storage.sync();
  }

  /** Queues in the order of their names, those after `after`. */
  list(after: string, limit: number): DirectoryEntry[] {
    return this.#sql
      .exec(
        `SELECT name, created_at AS createdAt FROM queues WHERE name > ? AND created_at IS NOT NULL ORDER BY name LIMIT ?`,
        after,
        limit,
      )
      .toArray() as unknown as DirectoryEntry[];
  }
}
