// What the directory knows of queues by their reports. One row a queue holds the last report and what earlier instances had
// counted, so that totals only ever rise.

import { allows, type Grant } from "../api/grant.ts";
import type { QueueReport, ReportedQueue } from "../core/queue-report.ts";

/** A report as it is kept. */
interface Kept {
  readonly at: number;
  readonly report: QueueReport;
  /** What instances before this one had counted. */
  readonly before: Readonly<Record<string, number>>;
  /** The instance before this one, of which a report may still be on its way. */
  readonly lifeBefore: string | null;
}

/** Rows read at one time while a page is filled. */
const ROWS = 1_000;

export class ReportedQueues {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    this.#sql.exec(`CREATE TABLE IF NOT EXISTS reports (name TEXT PRIMARY KEY, kept TEXT NOT NULL) WITHOUT ROWID`);
  }

  /** Keeps a report, unless a later one is kept already. One row. */
  keep(name: string, report: QueueReport, now: number): void {
    const [row] = this.#sql.exec<{ kept: string }>(`SELECT kept FROM reports WHERE name = ?`, name).toArray();
    const last = row === undefined ? null : (JSON.parse(row.kept) as Kept);
    const isOfSameLife = last?.report.life === report.life;
    if (last !== null && (report.life === last.lifeBefore || (isOfSameLife && report.number <= last.report.number)))
      return;
    const before = last === null ? {} : isOfSameLife ? last.before : sum(last.before, last.report.totals);
    const lifeBefore = last === null ? null : isOfSameLife ? last.lifeBefore : last.report.life;
    const kept: Kept = { at: now, report, before, lifeBefore };
    this.#sql.exec(
      `INSERT INTO reports (name, kept) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET kept = excluded.kept`,
      name,
      JSON.stringify(kept),
    );
  }

  /** Queues in the order of their names, those after `after` that the grant may browse. */
  page(after: string, limit: number, grant: Grant, now: number): ReportedQueue[] {
    const found: ReportedQueue[] = [];
    let last = after;
    for (;;) {
      const rows = this.#sql
        .exec<{ name: string; createdAt: number; kept: string | null }>(
          `SELECT queues.name AS name, created_at AS createdAt, kept FROM queues LEFT JOIN reports USING (name)
           WHERE queues.name > ? AND created_at IS NOT NULL ORDER BY queues.name LIMIT ?`,
          last,
          Math.min(ROWS, limit - found.length),
        )
        .toArray();
      for (const { name, createdAt, kept } of rows) {
        last = name;
        if (allows(grant, "browse", name)) found.push({ name, createdAt, report: reportOf(createdAt, kept, now) });
      }
      if (rows.length === 0 || found.length >= limit) return found;
    }
  }
}

/** A report of a former life of the queue says nothing of this one. */
function reportOf(createdAt: number, text: string | null, now: number): ReportedQueue["report"] {
  if (text === null) return null;
  const { at, report, before } = JSON.parse(text) as Kept;
  if (report.createdAt !== createdAt) return null;
  const { paused, maxInFlight, maxBacklog, consumers, parked, stats, totals } = report;
  const ageMs = Math.max(0, now - at);
  const waitedMs = stats?.oldestReadyAgeMs ?? null;
  return {
    ageMs,
    paused,
    maxInFlight,
    maxBacklog,
    consumers,
    parked,
    stats: stats === null ? null : { ...stats, oldestReadyAgeMs: waitedMs === null ? null : waitedMs + ageMs },
    totals: sum(before, totals),
  };
}

function sum(a: Readonly<Record<string, number>>, b: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(
    [...new Set([...Object.keys(a), ...Object.keys(b)])].map((kind) => [kind, (a[kind] ?? 0) + (b[kind] ?? 0)]),
  );
}
