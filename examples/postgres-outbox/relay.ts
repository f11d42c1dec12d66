// Carries tasks from a table of your database to edgeq. It holds no lock and no transaction while it waits for the server: what it
// sends twice, or what two relays send, is written once, because each task has an id.

import type { Queue, TaskOptions } from "edgeq/client";

/** A `pg` Pool or Client has it, and so does PGlite. */
export interface Database {
  query(sql: string, parameters?: unknown[]): Promise<{ rows: unknown[] }>;
}

interface OutboxRow {
  readonly position: number;
  readonly task: TaskOptions & { readonly payload: unknown };
}

/** The most that one enqueue takes. */
const BATCH = 1_000;

/** Sends what has been committed, oldest first. @returns how many tasks left the table. Throws if the server cannot be reached: call it again. */
export async function relay(db: Database, queue: Queue): Promise<number> {
  const { rows } = await db.query("SELECT position, task FROM outbox ORDER BY position LIMIT $1", [BATCH]);
  if (rows.length === 0) return 0;
  const committed = rows as readonly OutboxRow[];
  await queue.enqueueBatch(committed.map(({ task }) => task));
  // Only now: a relay that dies before this line sends the same tasks again, and edgeq answers `duplicate: true`.
  await db.query("DELETE FROM outbox WHERE position = ANY($1)", [committed.map(({ position }) => position)]);
  return rows.length;
}
