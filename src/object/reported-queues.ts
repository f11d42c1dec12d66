// What the directory knows of queues by their reports. One row a queue holds the last report and what earlier instances had
// counted, so that totals only ever rise. Queues in trouble are in an index as well, so that they are found first.

import { allows, type Grant } from "../api/grant.ts";
import type { QueueReport, ReportedQueue } from "../core/queue-report.ts";
import type { Sql, SqlRow } from "../store/sql.ts";
import { deathsIn, isFallingBehind, isWorkedOn, troublesOf, weightOf } from "./reported-trouble.ts";

/** A report as it is kept. */
interface Kept {
  readonly at: number;
  readonly report: QueueReport;
  /** What instances before this one had counted. */
  readonly before: Readonly<Record<string, number>>;
  /** The instance before this one, of which a report may still be on its way. */
  readonly lifeBefore: string | null;
  // Absent from what earlier versions kept:
  readonly lastDeathAt?: number | null;
  readonly isBehind?: boolean;
}

interface Row {
  readonly name: string;
  readonly createdAt: number;
  readonly kept: string | null;
  readonly rank: number | null;
}

/** Where a page begins: after this queue. In the order of trouble, `weight` is that of the queue; 0: it had none. */
export interface OverviewPlace {
  readonly weight: number;
  readonly name: string;
}

/** Which queues a page is of. */
export interface Wanted {
  /** Those that it may browse. */
  readonly grant: Grant;
  /** Those whose names have this in them, in lower case. */
  readonly find: string;
}

/** Before every queue in trouble. */
const FIRST_RANK = -1_000;
/** A queue that has not reported for so long has had no turn in which something happened. ms. */
const RATE_MS = 60_000;

export class ReportedQueues {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
    this.#sql.run(`CREATE TABLE IF NOT EXISTS reports (name TEXT PRIMARY KEY, kept TEXT NOT NULL) WITHOUT ROWID`);
    const isRanked = this.#sql.all(`SELECT 1 FROM pragma_table_info('reports') WHERE name = 'rank'`);
    if (isRanked.length > 0) return;
    // The weight of its trouble, negative, so that the index holds the gravest first; null: none, and no entry in it.
    this.#sql.run(`ALTER TABLE reports ADD COLUMN rank INTEGER`);
    this.#sql.run(`CREATE INDEX reports_rank ON reports (rank, name) WHERE rank IS NOT NULL`);
  }

  /** Keeps a report, unless a later one is kept already. One row; two more when it enters, moves in or leaves the trouble index. */
  keep(name: string, report: QueueReport, now: number): void {
    const [row] = this.#sql.all(`SELECT kept, rank FROM reports WHERE name = ?`, name) as unknown as {
      kept: string;
      rank: number | null;
    }[];
    const last = row === undefined ? null : (JSON.parse(row.kept) as Kept);
    const isOfSameLife = last?.report.life === report.life;
    if (last !== null && (report.life === last.lifeBefore || (isOfSameLife && report.number <= last.report.number)))
      return;
    const before = last === null ? {} : isOfSameLife ? last.before : countedBy(last);
    const lifeBefore = last === null ? null : isOfSameLife ? last.lifeBefore : last.report.life;
    const seen = { lastDeathAt: lastDeathAt(last, report, before, now), isBehind: isBehind(last, report, now) };
    const kept: Kept = { at: now, report, before, lifeBefore, ...seen };
    const weight = weightOf(troublesOf(report, seen, now, 0));
    const rank = weight === 0 ? null : -weight;
    // A column that is set is an index entry written, whatever its value.
    if (row !== undefined && row.rank === rank) {
      this.#sql.run(`UPDATE reports SET kept = ? WHERE name = ?`, JSON.stringify(kept), name);
      return;
    }
    this.#sql.run(
      `INSERT INTO reports (name, kept, rank) VALUES (?, ?, ?)
       ON CONFLICT (name) DO UPDATE SET kept = excluded.kept, rank = excluded.rank`,
      name,
      JSON.stringify(kept),
      rank,
    );
  }

  /** The queue is gone. */
  forget(name: string): void {
    this.#sql.run(`DELETE FROM reports WHERE name = ?`, name);
  }

  /** Queues in the order of their names, those after `after` that are looked for. */
  byName(after: string, limit: number, wanted: Wanted, now: number): ReportedQueue[] {
    const is = namesLike(wanted, "queues.name");
    return this.#collect(limit, wanted, now, { weight: 0, name: after }, (place, rows) =>
      this.#sql.all(
        `SELECT queues.name AS name, created_at AS createdAt, kept, rank FROM queues LEFT JOIN reports USING (name)
           WHERE queues.name > ? ${is.text} ORDER BY queues.name LIMIT ?`,
        place.name,
        ...is.values,
        rows,
      ),
    ).queues;
  }

  /** The same, those in the gravest trouble first, and those without after them in the order of their names. */
  byTrouble(
    after: OverviewPlace | null,
    limit: number,
    wanted: Wanted,
    now: number,
  ): { readonly queues: ReportedQueue[]; readonly last: OverviewPlace | null } {
    const isInTrouble = namesLike(wanted, "reports.name");
    const inTrouble =
      after?.weight === 0
        ? { queues: [], last: null }
        : this.#collect(limit, wanted, now, after ?? { weight: -FIRST_RANK, name: "" }, (place, rows) =>
            this.#sql.all(
              `SELECT reports.name AS name, created_at AS createdAt, kept, rank FROM reports CROSS JOIN queues USING (name)
                 WHERE rank IS NOT NULL AND (rank, reports.name) > (?, ?) ${isInTrouble.text}
                 ORDER BY rank, reports.name LIMIT ?`,
              -place.weight,
              place.name,
              ...isInTrouble.values,
              rows,
            ),
          );
    if (inTrouble.queues.length >= limit) return inTrouble;
    const from = after?.weight === 0 ? after.name : "";
    const isCalm = namesLike(wanted, "queues.name");
    const calm = this.#collect(limit - inTrouble.queues.length, wanted, now, { weight: 0, name: from }, (place, rows) =>
      this.#sql.all(
        `SELECT queues.name AS name, created_at AS createdAt, kept, rank FROM queues LEFT JOIN reports USING (name)
           WHERE queues.name > ? ${isCalm.text} AND rank IS NULL ORDER BY queues.name LIMIT ?`,
        place.name,
        ...isCalm.values,
        rows,
      ),
    );
    return { queues: [...inTrouble.queues, ...calm.queues], last: calm.last ?? inTrouble.last };
  }

  /** Reads rows until the page is full or there are no more. `last`: the last that was looked at. */
  #collect(
    limit: number,
    { grant }: Wanted,
    now: number,
    from: OverviewPlace,
    read: (after: OverviewPlace, rows: number) => SqlRow[],
  ): { readonly queues: ReportedQueue[]; readonly last: OverviewPlace | null } {
    const queues: ReportedQueue[] = [];
    let last: OverviewPlace | null = null;
    while (queues.length < limit) {
      const most = limit - queues.length;
      const rows = read(last ?? from, most) as unknown as Row[];
      for (const { name, createdAt, kept, rank } of rows) {
        last = { weight: -(rank ?? 0), name };
        // The grant decides; the statement leaves out what it would refuse.
        if (allows(grant, "browse", name)) queues.push({ name, createdAt, report: reportOf(createdAt, kept, now) });
      }
      if (rows.length < most) break;
    }
    return { queues, last };
  }
}

/**
 * A condition on names, so that of the others no report is read. A pattern of a grant means the same to GLOB: it has no other special
 * character than the star. At most LIMITS.tokenQueues of them, fewer than a statement takes parameters.
 */
function namesLike({ grant, find }: Wanted, column: string): { readonly text: string; readonly values: string[] } {
  const patterns = grant.queues.includes("*") ? [] : grant.queues;
  const isFound = find === "" ? "" : `AND instr(lower(${column}), ?) > 0`;
  const isGranted = patterns.length === 0 ? "" : `AND (${patterns.map(() => `${column} GLOB ?`).join(" OR ")})`;
  return { text: `${isFound} ${isGranted}`, values: [...(find === "" ? [] : [find]), ...patterns] };
}

/** All that a queue has counted up to a report. */
function countedBy({ before, report }: Pick<Kept, "before" | "report">): Record<string, number> {
  return sum(before, { ...report.totals, ...report.durations });
}

function lastDeathAt(last: Kept | null, report: QueueReport, before: Kept["before"], now: number): number | null {
  const isOfSameQueue = last?.report.createdAt === report.createdAt;
  const deaths = deathsIn(sum(before, report.totals), report.deadLetterQueue);
  const known = last === null ? 0 : deathsIn(countedBy(last), last.report.deadLetterQueue);
  if (deaths > known) return now;
  return isOfSameQueue ? (last.lastDeathAt ?? null) : null;
}

function isBehind(last: Kept | null, report: QueueReport, now: number): boolean {
  return last !== null && isFallingBehind(report.stats, last.report.stats, now - last.at);
}

/** A report of a former life of the queue says nothing of this one. */
function reportOf(createdAt: number, text: string | null, now: number): ReportedQueue["report"] {
  if (text === null) return null;
  const kept = JSON.parse(text) as Kept;
  const { at, report, lastDeathAt: diedAt = null, isBehind: wasBehind = false } = kept;
  if (report.createdAt !== createdAt) return null;
  const { paused, maxInFlight, maxBacklog, consumers, parked, limitedKeys = null, deadLetterQueue = null } = report;
  const ageMs = Math.max(0, now - at);
  const waitedMs = report.stats?.oldestReadyAgeMs ?? null;
  const oldestReadyAgeMs = waitedMs === null ? null : waitedMs + ageMs;
  const stats = report.stats === null ? null : { ...report.stats, oldestReadyAgeMs };
  const rate = (told: number | undefined): number | null => (told === undefined ? null : ageMs > RATE_MS ? 0 : told);
  const failedPerMinute = rate(report.failedPerMinute);
  const ackedPerMinute = rate(report.ackedPerMinute);
  const attempts = { failedPerMinute: failedPerMinute ?? 0, ackedPerMinute: ackedPerMinute ?? 0 };
  const counted = Object.entries(countedBy(kept));
  return {
    ageMs,
    paused,
    maxInFlight,
    maxBacklog,
    deadLetterQueue,
    consumers,
    parked,
    limitedKeys,
    inPerMinute: rate(report.inPerMinute),
    outPerMinute: rate(report.outPerMinute),
    failedPerMinute,
    ackedPerMinute,
    lastDeathAt: diedAt,
    trouble: troublesOf(
      { ...report, ...attempts, stats },
      { lastDeathAt: diedAt, isBehind: wasBehind, isWorkedOn: isWorkedOn(report, ageMs) },
      now,
    ),
    stats,
    totals: Object.fromEntries(counted.filter(([name]) => !isDuration(name))),
    durations: Object.fromEntries(counted.filter(([name]) => isDuration(name))),
  };
}

/** Durations are counted beside events, under names with a space. */
function isDuration(name: string): boolean {
  return name.includes(" ");
}

function sum(a: Readonly<Record<string, number>>, b: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(
    [...new Set([...Object.keys(a), ...Object.keys(b)])].map((kind) => [kind, (a[kind] ?? 0) + (b[kind] ?? 0)]),
  );
}
